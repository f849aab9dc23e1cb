import { driftLinesOf, isHandingOver, linesOf, mayHaveDrifts, progressLineOf, type Sweep } from './reconcile.report';

const sweep: Sweep = {
  ...{ id: 'f0f3b2fa-6a3f-4a46-8a2c-0d5f7a0c1f01', registration: 'default', state: 'complete', reason: null, isWhole: false },
  tally: { pages: 2, read: 3, published: 1, others: 0, unread: 0, unnamed: 0, unlisted: 0, operations: 0 },
  found: { known: 120, missing: 0, ended: 0, unknown: 0 },
  ...{ asks: [], answers: {}, missing: [], findings: [] },
};

it('tells in two lines that all is well', () => {
  expect(linesOf(sweep)).toEqual([
    "Compared the record with Microsoft's list of default: 120 subscriptions known, 2 pages listed.",
    '3 read, 1 handed to the record.',
  ]);
});

it('names what is missing and kept back, and how to answer', () => {
  const lines = linesOf({
    ...sweep,
    ...{
      asks: ['loss', 'import'],
      answers: { import: 'released' },
      missing: [{ subscriptionId: 'a', missed: 1 }],
      findings: [{ subscriptionId: 'b', finding: 'ended' }],
    },
    found: { known: 2, missing: 1, ended: 1, unknown: 0 },
  });
  expect(lines.slice(2)).toEqual([
    '1 ended at Microsoft.',
    'a is missing at Microsoft, for 1 sweep.',
    'b is kept back: ended.',
    `An operator is asked (loss): docs/how-to/reconcile.md tells how to answer for ${sweep.id}.`,
  ]);
});

it('says of a list that could not be followed that nothing is known of what is missing', () => {
  const [first] = linesOf({ ...sweep, state: 'incomplete', found: null, reason: 'x' });
  expect(first).toBe('The sweep over the list of default did not come to its end: x. Nothing is said of what is missing.');
});

it('looks for drifts also where the sweep found ends alone, when these are handed over', () => {
  const ended = { ...sweep, tally: { ...sweep.tally, published: 0 }, found: { ...sweep.found!, ended: 1 } };
  expect([mayHaveDrifts(ended), mayHaveDrifts({ ...ended, found: null }), mayHaveDrifts(sweep)]).toEqual([true, false, true]);
  const findings = [{ subscriptionId: 'b', finding: 'ended' }];
  const handingOver = [{ findings }, { findings, asks: ['import'] as const }, { findings, asks: ['loss'] as const }, {}];
  expect(handingOver.map((differs) => isHandingOver({ ...ended, ...differs }))).toEqual([true, true, false, false]);
});

it('tells where the record differed, twenty at most, and what was not repaired', () => {
  const drift = {
    ...{ subscriptionId: 'a', member: 'plan', ours: 'silver', microsofts: 'gold' },
    state: 'repaired',
    keptReason: null,
  } as const;
  const open = {
    ...drift,
    ours: 'Unsubscribed',
    microsofts: 'Subscribed',
    member: 'status',
    state: 'open',
    keptReason: 'absorbed',
  } as const;
  expect(driftLinesOf({ items: [drift, open], next: null })).toEqual([
    'a: plan was "silver" here and "gold" at Microsoft, repaired.',
    'a: status was "Unsubscribed" here and "Subscribed" at Microsoft, not repaired (absorbed).',
  ]);
  expect(driftLinesOf({ items: Array(200).fill(drift), next: 'x' }).at(-1)).toMatch(/^180 or more others/);
  expect(driftLinesOf({ items: [], next: null })).toEqual([]);
});

it('tells of a subscription that nobody knew here what was bought, and whether it was imported', () => {
  const drift = {
    ...({ subscriptionId: 'a', member: 'subscription', ours: null, state: 'repaired', keptReason: null } as const),
    microsofts: { status: 'PendingFulfillmentStart', planId: 'silver', quantity: 5 as number | null },
  };
  const flat = { ...drift, microsofts: { ...drift.microsofts, quantity: null } };
  const open = { ...flat, state: 'open', keptReason: 'first-import' } as const;
  expect(driftLinesOf({ items: [drift, flat, open], next: null })).toEqual([
    'a: bought, not known here: imported (silver × 5, PendingFulfillmentStart).',
    'a: bought, not known here: imported (silver, PendingFulfillmentStart).',
    'a: bought, not known here: not imported (first-import) (silver, PendingFulfillmentStart).',
  ]);
});

it('tells of a sweep that takes long how far it is, and why it does not go on', () => {
  const began = { tally: { ...sweep.tally, pages: 0, read: 0 } };
  expect([
    progressLineOf(began, undefined, []),
    progressLineOf(began, undefined, ['default: the secret is wrong']),
    progressLineOf(sweep, began, []),
    progressLineOf(sweep, sweep, []),
  ]).toEqual([
    'The sweep waits (0 pages listed, 0 read): Microsoft does not answer. It goes on by itself, also after Ctrl-C.',
    'The sweep waits (0 pages listed, 0 read): default: the secret is wrong. It goes on by itself, also after Ctrl-C.',
    'The sweep is under way: 2 pages listed, 3 read.',
    'The sweep waits (2 pages listed, 3 read): Microsoft does not answer. It goes on by itself, also after Ctrl-C.',
  ]);
});
