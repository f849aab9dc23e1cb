import { second } from '../time';
import { play } from './situation';

const land = { kind: 'Land', at: 'its own' } as const;
const confirm = { kind: 'Confirm' } as const;

describe('a purchase', () => {
  it('becomes a subscription that is used: registered, confirmed, given a tenant, activated', () => {
    const { events, run, violations } = play({
      begins: 'sold',
      acts: [
        [10, land],
        [60, confirm],
      ],
    });
    expect(events).toEqual(['purchased', 'confirmed', 'provisioned', 'activated']);
    expect(run.setUp).toMatchObject({ stage: 'done', failureReason: null });
    expect(violations).toEqual([]);
  });

  it('that is brought to the landing page of another publisher is not seen, and is at home where it belongs', () => {
    const { run, violations } = play({
      begins: 'sold',
      acts: [
        [10, { kind: 'Land', at: 'another' }],
        [900, land],
        [960, confirm],
      ],
    });
    expect(new Set(run.calls.filter(({ registration }) => registration !== 'default').map(({ what }) => what))).toEqual(
      new Set(['Resolve']),
    );
    expect(run.events[0]!.atMs).toBeGreaterThan(900 * second);
    expect(run.setUp.stage).toBe('done');
    expect(violations).toEqual([]);
  });

  it('that ends while its tenant is being made leaves none, and is not activated', () => {
    const { run, violations } = play({
      begins: 'sold',
      faults: { tenantLate: 1 },
      acts: [
        [10, land],
        [60, confirm],
        [62, { kind: 'Unsubscribe' }],
      ],
    });
    expect(run.calls).toEqual([]);
    expect(run.setUp.hasTenant).toBe(false);
    expect(violations).toEqual([]);
  });

  it('whose activation has no effect fails by name, and goes on when the customer comes again', () => {
    const { run, violations } = play({
      begins: 'sold',
      faults: { activateVoid: 1 },
      acts: [
        [10, land],
        [60, confirm],
      ],
      options: { restMs: 7_200 * second },
    });
    expect(run.setUp).toMatchObject({ stage: 'activating', failureReason: expect.stringContaining('activation failed') as string });
    expect(violations).toEqual([]);
  });

  it('that Microsoft activated by itself gets its tenant without Activate', () => {
    const { run, events, violations } = play({
      begins: 'sold',
      acts: [
        [5, { kind: 'ActivateItself' }],
        [10, land],
        [60, confirm],
      ],
    });
    expect(run.calls).toEqual([]);
    expect(events).toEqual(['purchased', 'confirmed', 'provisioned', 'activated']);
    expect(violations).toEqual([]);
  });

  it('whose term was renewed a moment after it began keeps the new one against copies that are older', () => {
    const { told, violations } = play({
      begins: 'sold',
      acts: [
        [10, land],
        [200, { kind: 'ActivateItself' }],
        [230, { kind: 'Renew' }, { deliveriesMs: [30 * second], shownFromMs: Infinity }],
      ],
      copiesAreOld: (at) => (at > 260.6 && at < 300 ? 60 : 0),
    });
    expect(told('term').map(({ to }) => to)).toEqual(['2026-04-01']);
    expect(violations).toEqual([]);
  });
});

it('a webhook at the address of another publisher is followed by nobody', () => {
  const { run, events, violations } = play({ acts: [[100, { kind: 'Suspend' }, { deliveriesMs: [], astrayMs: 200 }]] });
  expect(run.calls).toEqual([]);
  expect(events).toEqual([]);
  expect(violations.map(({ kind }) => kind)).toEqual(['rest']); // no sweep helps it here
});
