import { overWriting, withoutPositions, writingCosts, type WritingBudget } from './writing.cost';

const budget: WritingBudget = { commits: { gateway: 2 }, rows: { gateway: 3 }, walKb: { gateway: 5 } };
const delivery = { schema: 'gateway', rows: { webhook_deliveries: 1, outbox: 1 }, transactions: 10, bytes: 40_000 };
const decision = { schema: 'gateway', rows: { operation_decisions: 1 }, transactions: 10, bytes: 10_000 };
const position = { schema: 'gateway', rows: { relay_position: 3 }, transactions: 40, bytes: 9_000 };

it('a change costs what was written for all of them, shared out; positions, which are saved by time, are left out', () => {
  expect(withoutPositions([delivery, position])).toEqual([delivery]);
  expect(writingCosts([delivery, decision, position], 10)).toEqual(
    new Map([
      ['gateway', { commits: 2, rows: 3, walKb: 5, transactions: ['1 × (webhook_deliveries + outbox)', '1 × (operation_decisions)'] }],
    ]),
  );
});

it('a row more for each change is over the budget, and is told with what is written together', () => {
  expect(overWriting([writingCosts([delivery, decision], 10)], budget)).toEqual([]);
  const dearer = [delivery, { ...decision, rows: { operation_decisions: 2 } }];
  expect(overWriting([writingCosts(dearer, 10)], budget)).toEqual([
    'gateway: 4 rows, and the budget is 3. Written together: 1 × (webhook_deliveries + outbox), 1 × (2 operation_decisions)',
  ]);
});

it('what was dearer only once came from the machine, and counts not', () => {
  const busy = writingCosts([delivery, decision, { ...decision, transactions: 20 }], 10);
  expect(overWriting([busy], budget)).not.toEqual([]);
  expect(overWriting([busy, writingCosts([delivery, decision], 10)], budget)).toEqual([]);
});

it('a service that the budget does not name may write nothing', () => {
  const further = overWriting([writingCosts([{ ...decision, schema: 'notifications' }], 10)], budget);
  expect(further).toContain('notifications: 1 rows, and the budget is 0. Written together: 1 × (operation_decisions)');
});

it('a transaction that only locks costs a commit', () => {
  const locks = writingCosts([{ ...decision, rows: {} }], 10);
  expect(locks.get('gateway')).toMatchObject({ commits: 1, rows: 0, transactions: ['1 × (nothing but a lock)'] });
});
