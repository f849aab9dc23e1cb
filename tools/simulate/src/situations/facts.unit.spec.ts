import { instantOf, second } from '../time';
import { play } from './situation';

const suspend = { kind: 'Suspend' } as const;
const reinstate = { kind: 'Reinstate' } as const;

describe('a fact', () => {
  it('T1: a Suspend whose webhook comes after its Reinstate is history only', () => {
    const { events, violations } = play({
      acts: [
        [100, suspend, { deliveriesMs: [187 * second] }],
        [141, reinstate],
      ],
      copiesAreOld: () => 100,
    });
    expect(events).toEqual([]);
    expect(violations).toEqual([]);
  });

  it('T4: a renewal is told once, and copies that show the term before it take nothing back', () => {
    const { events, told, violations } = play({
      acts: [
        [100, { kind: 'ChangePlan', plan: 'B' }, { isShownOpenForEver: true }],
        [137, { kind: 'Renew' }],
      ],
      copiesAreOld: (at) => (at > 140 && at < 200 ? 110 : 0),
    });
    expect(told('term')).toEqual([{ to: '2026-04-01', by: 2 }]);
    expect(events).toEqual(['plan-changed', 'renewed']);
    expect(violations).toEqual([]);
  });

  it.each([
    ['shows', 0],
    ['never shows', Infinity],
  ])('T8: a second Suspend that Microsoft %s, after a Reinstate that nobody saw, moves the dates', (_, shownFromMs) => {
    const { run, events, violations } = play({
      acts: [
        [100, suspend],
        [200, reinstate, { deliveriesMs: [], endsAfter: 'its beginning' }],
        [230, suspend, { shownFromMs }],
      ],
    });
    expect(events).toEqual(['suspended', 'updated']);
    expect(run.events.map(({ state }) => state.effectiveAt)).toEqual([instantOf(100 * second), instantOf(230 * second)]);
    expect(violations).toEqual([]);
  });

  it('T9: a Suspend is not taken back by copies that are all 100 s old', () => {
    const { told, violations } = play({ acts: [[100, suspend]], copiesAreOld: () => 100 });
    expect(told('status')).toEqual([{ to: 'Suspended', by: 1 }]);
    expect(violations).toEqual([]);
  });

  it('T11: what changed unseen before the end is taken over after it: the last bill needs it', () => {
    const { events, told, violations } = play({
      acts: [
        [100, { kind: 'ToggleAutoRenew' }],
        [110, { kind: 'ChangePlan', plan: 'B' }, { deliveriesMs: [] }],
        [140, { kind: 'Unsubscribe' }],
      ],
      copiesAreOld: () => 60,
    });
    expect(events).toEqual(['unsubscribed', 'updated']);
    expect(told('autoRenew').map(({ to }) => to)).toEqual([false]);
    expect(told('plan').map(({ to }) => to)).toEqual(['B']);
    expect(violations).toEqual([]);
  });
});
