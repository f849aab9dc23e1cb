import { minute, second } from '../time';
import { play } from './situation';

const toA = { kind: 'ChangePlan', plan: 'A' } as const;
const toB = { kind: 'ChangePlan', plan: 'B' } as const;

/** The catalog allows to change from B to C alone. */
describe('a refusal', () => {
  it('is answered 400 while the answer is held, and told when Microsoft shows that the change has failed', () => {
    const { run, events, told, violations } = play({
      rules: 'limits',
      acts: [
        [10, toB],
        [300, toA],
      ],
    });
    expect(events).toEqual(['plan-changed', 'change-refused']);
    expect(told('plan').map(({ to }) => to)).toEqual(['B']);
    expect(run.operations[1]!.refusedAtMs).toBeLessThan(305 * second);
    expect(run.trace.filter((line) => line.includes('is answered 400'))).toHaveLength(1);
    expect(violations).toEqual([]);
  });

  it('whose revert follows is told once, and the revert changes nothing', () => {
    const { events, run, violations } = play({
      rules: 'limits',
      acts: [
        [10, toB],
        [300, toA, { revertsAfterMs: 2 * second }],
      ],
    });
    expect(run.operations.map(({ isRevert }) => isRevert)).toEqual([false, false, true]);
    expect(events).toEqual(['plan-changed', 'change-refused']);
    expect(violations).toEqual([]);
  });

  it('that reaches Microsoft too late is overruled: the change is told, and no refusal', () => {
    const { run, told, events, violations } = play({
      rules: 'limits',
      faults: { patchFails: 1, answerLost: 1 },
      acts: [
        [10, toB],
        [300, toA],
      ],
    });
    expect(run.operations[1]!.refusedAtMs).toBeNull();
    expect(events).not.toContain('change-refused');
    expect(told('plan').map(({ to }) => to)).toEqual(['B', 'A']);
    expect(run.events.map(({ state }) => state.overruled)).toContain(true);
    expect(violations).toEqual([]);
  });

  it('of a change that a suspension overtakes is told by the end that Microsoft shows', () => {
    const { events, violations } = play({
      rules: 'limits',
      acts: [
        [10, toB],
        [300, toA],
        [300.3, { kind: 'Suspend' }],
      ],
    });
    expect(events).toContain('suspended');
    expect(violations).toEqual([]);
  });

  it('that nobody can be told of since the operation is never shown waits for nobody', () => {
    const { run, violations } = play({
      rules: 'limits',
      acts: [
        [10, toB],
        [300, toA, { shownFromMs: Infinity }],
      ],
      options: { restMs: 20 * minute },
    });
    expect(run.waits).toEqual([]);
    expect(run.trace.filter((line) => line.includes('is answered 503')).length).toBeGreaterThan(0);
    expect(violations).toEqual([]);
  });
});
