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

describe('a purchase that waits for an approval', () => {
  const bought = [
    [10, land],
    [60, confirm],
  ] as const;
  const approve = { kind: 'Approve' } as const;
  const reject = { kind: 'Reject' } as const;

  it('is neither set up nor activated before it, and both after it', () => {
    const before = play({ begins: 'sold', rules: 'approval', acts: [...bought] });
    expect([before.run.setUp.stage, before.run.calls]).toEqual(['awaiting-approval', []]);
    const after = play({ begins: 'sold', rules: 'approval', acts: [...bought, [300, approve]] });
    expect(after.events.slice(-2)).toEqual(['provisioned', 'activated']);
    expect([...before.violations, ...after.violations]).toEqual([]);
  });

  it('is cancelled at Microsoft where it is rejected', () => {
    const { run, events, violations } = play({ begins: 'sold', rules: 'approval', acts: [...bought, [300, reject]] });
    expect(run.calls.map(({ what }) => what)).toEqual(['DELETE']);
    expect(events.slice(-2)).toEqual(['cancellation-requested', 'unsubscribed']);
    expect(violations).toEqual([]);
  });

  it('and whose DELETE never takes effect fails by name', () => {
    const { run, events, violations } = play({
      begins: 'sold',
      rules: 'approval',
      faults: { activateVoid: 1 },
      acts: [...bought, [300, reject]],
      options: { restMs: 7_200 * second },
    });
    expect(events.at(-1)).toBe('cancellation-failed');
    expect(run.setUp).toMatchObject({ stage: 'rejected', failureReason: expect.stringContaining('cancellation failed') as string });
    expect(violations).toEqual([]);
  });

  it('and that Microsoft activates after it was rejected is not cancelled, and an operator is told', () => {
    const { run, violations } = play({
      begins: 'sold',
      rules: 'approval',
      faults: { activateRefused: 1 },
      acts: [...bought, [300, reject], [310, { kind: 'ActivateItself' }]],
    });
    expect(run.record.status).toBe('Subscribed');
    expect(run.setUp.failureReason).toContain('not cancelled');
    expect(violations).toEqual([]);
  });
});
