import { broughtTypes, cells, resultOf, type Cell } from '../testing/state.machine';
import { decidedTypes } from '../testing/subscription.builders';

/*
 * The whole state machine: where the record is, what happens, and what follows. A column is a list of words, `!` before it means any other, `*` any.
 *
 * accepted?     accepted, where that is said now: an operation is answered when it is first seen, or when it ends while its product is asked
 * registered?   purchase-registered, where it is Resolve that showed the subscription
 * its, changed  what the operation is about, and the event of its change
 * shown         the status that was shown
 * read(…)       a read of these members is ordered (rules 2 and 4)
 * -> …          the status, or the stage, that the record has then
 */
const alive = '!Unsubscribed,unknown';
const pending = 'NotStarted,PendingFulfillmentStart';
const changes = 'ChangePlan,ChangeQuantity';
const facts = 'Renew,Suspend,Reinstate,Subscribe,Unsubscribe,Transfer'; // Transfer stands for what Microsoft invents tomorrow
const operations = `${changes},${facts}`;
const open = 'seen NotStarted,seen InProgress';
const succeeded = 'seen Succeeded,end Succeeded';
const setUp = 'confirm,tenant,tenant-failed,activation-failed,cancellation-failed';
const lost = 'end Vanished,end Stuck,end Invisible';

type Row = readonly [status: string, stage: string, what: string, how: string, catalog: string, follows: string];
const table: readonly Row[] = [
  // rule 6: unknown is imported first
  ['unknown', '*', operations, '*', '*', 'ignored read(status+plan)'],
  ['unknown', '*', 'read,resolve', pending, '*', 'purchased registered? -> shown awaiting-customer'],
  ['unknown', '*', 'read,resolve', `!${pending}`, '*', 'purchased registered? read(whole) -> shown awaiting-customer'],
  // an announcement changes nothing; a newer Suspend is a new episode (rule 13)
  ['!unknown', '*', '!Suspend', 'announced', '*', 'nothing'],
  ['!unknown,Suspended', '*', 'Suspend', 'announced', '*', 'nothing'],
  ['Suspended', '*', 'Suspend', 'announced', '*', 'updated read(status)'],
  // rule 7: only changes can be refused, and none after the end
  ['!unknown', '*', facts, open, '*', 'accepted'],
  [alive, '*', changes, open, 'accepts', 'accepted'],
  [alive, '*', changes, open, 'refuses', 'refused'],
  [alive, '*', changes, open, 'asks', 'job ask-product'],
  ['Unsubscribed', '*', changes, open, '*', 'accepted'],
  // Failed and Conflict change nothing (rule 4); a refusal is public with Failed alone (rule 8)
  ['!unknown', '*', operations, 'seen Failed,seen Conflict,end Conflict', '*', 'accepted?'],
  ['!unknown', '*', facts, 'end Failed', '*', 'nothing'],
  [alive, '*', changes, 'end Failed', 'accepts,asks', 'accepted?'],
  [alive, '*', changes, 'end Failed', 'refuses', 'change-refused'],
  ['Unsubscribed', '*', changes, 'end Failed', '*', 'nothing'],
  // Succeeded has happened (rule 4), but for what is overtaken; what we had refused is overruled (rule 8)
  ['Subscribed', '*', changes, 'seen Succeeded', '*', 'accepted changed read(its)'],
  ['Subscribed', '*', changes, 'end Succeeded', 'accepts,asks', 'accepted? changed read(its)'],
  ['Subscribed', '*', changes, 'end Succeeded', 'refuses', 'changed(overruled) read(its)'],
  [`${pending},Suspended`, '*', changes, succeeded, '*', 'accepted? read(its)'],
  ['Unsubscribed', '*', `${changes},Suspend,Reinstate,Subscribe,Unsubscribe`, succeeded, '*', 'accepted?'],
  ['!unknown', '*', 'Renew', succeeded, '*', 'accepted? read(its)'],
  ['!unknown', '*', 'Transfer', succeeded, '*', 'accepted?'],
  [`${pending},Subscribed`, '!activating', 'Suspend', succeeded, '*', 'accepted? suspended read(its) -> Suspended'],
  [`${pending},Subscribed`, 'activating', 'Suspend', succeeded, '*', 'accepted? suspended read(its) -> Suspended done'],
  ['Suspended', '*', 'Suspend', succeeded, '*', 'accepted? updated read(its)'],
  [pending, '!activating', 'Reinstate,Subscribe', succeeded, '*', 'accepted? updated -> Subscribed'],
  [pending, 'activating', 'Reinstate,Subscribe', succeeded, '*', 'accepted? activated -> Subscribed done'],
  ['Subscribed', '*', 'Reinstate,Subscribe', succeeded, '*', 'accepted? read(its)'],
  ['Suspended', '*', 'Reinstate,Subscribe', succeeded, '*', 'accepted? reinstated read(its) -> Subscribed'],
  [alive, '*', 'Unsubscribe', succeeded, '*', 'accepted? unsubscribed read(status+plan+quantity) -> Unsubscribed'],
  // rule 5: what is not shown to its end is left to a read
  ['!unknown', '*', `${changes},Renew,Reinstate,Subscribe,Unsubscribe`, lost, '*', 'accepted? read(its)'],
  ['!unknown,Suspended', '*', 'Suspend', lost, '*', 'read(its)'],
  ['Suspended', '*', 'Suspend', lost, '*', 'updated read(its)'],
  ['!unknown', '*', 'Transfer', lost, '*', 'nothing'],
  // reads: nothing leads back to pending, nothing revives what has ended (rule 3)
  ['!unknown', '*', 'read,resolve', pending, '*', 'registered?'],
  [pending, '!activating', 'read,resolve', 'Subscribed', '*', 'updated registered? -> Subscribed'],
  [pending, 'activating', 'read,resolve', 'Subscribed', '*', 'activated registered? -> Subscribed done'],
  ['Subscribed,Unsubscribed', '*', 'read,resolve', 'Subscribed', '*', 'registered?'],
  ['Suspended', '*', 'read,resolve', 'Subscribed', '*', 'reinstated registered? read(status) -> Subscribed'],
  [`${pending},Subscribed`, '!activating', 'read,resolve', 'Suspended', '*', 'suspended registered? read(status) -> Suspended'],
  [`${pending},Subscribed`, 'activating', 'read,resolve', 'Suspended', '*', 'suspended registered? read(status) -> Suspended done'],
  ['Suspended,Unsubscribed', '*', 'read,resolve', 'Suspended', '*', 'registered?'],
  [alive, '*', 'read,resolve', 'Unsubscribed', '*', 'unsubscribed registered? read(status+plan+quantity) -> Unsubscribed'],
  ['Unsubscribed', '*', 'read,resolve', 'Unsubscribed', '*', 'registered?'],
  // what a sweep tells beside its reads: a drift, and no change of the record
  [alive, '*', 'difference-found', '*', '*', 'nothing'],
  ['unknown,Unsubscribed', '*', 'difference-found', '*', '*', 'ignored'],
  ['*', '*', 'difference-ended', '*', '*', 'ignored'],
  // the set-up
  ['*', '*', 'unresolved,tenant-back', '*', '*', 'ignored'],
  ['unknown', '*', setUp, '*', '*', 'notYet'],
  ['Unsubscribed', '*', setUp, '*', '*', 'ignored'],
  [alive, 'awaiting-customer', 'confirm', '*', 'refuses', 'confirmed provisioning-requested -> provisioning'],
  [alive, 'awaiting-customer', 'confirm', '*', 'approves', 'confirmed -> awaiting-approval'],
  [alive, '!awaiting-customer', 'confirm', '*', '*', 'ignored'],
  [pending, 'provisioning', 'tenant', '*', '*', 'provisioned fulfillment.activate -> activating'],
  ['Subscribed', 'provisioning', 'tenant', '*', '*', 'provisioned activated -> done'],
  ['Suspended', 'provisioning', 'tenant', '*', '*', 'provisioned -> done'],
  [alive, '!provisioning', 'tenant', '*', '*', 'ignored'],
  [alive, '!done', 'tenant-failed,activation-failed', '*', '*', 'updated'],
  [alive, 'done', 'tenant-failed,activation-failed', '*', '*', 'ignored'],
  // an operator's decision: what Microsoft bills already is not cancelled by us
  [alive, 'awaiting-approval', 'approve', '*', '*', 'updated provisioning-requested -> provisioning'],
  [alive, '!awaiting-approval', 'approve', '*', '*', 'refused'],
  [pending, 'awaiting-approval', 'reject', '*', '*', 'cancellation-requested fulfillment.cancel-subscription -> rejected'],
  [pending, '!awaiting-approval', 'reject', '*', '*', 'refused'],
  ['Subscribed,Suspended', '*', 'reject', '*', '*', 'refused'],
  ['Unsubscribed', '*', 'approve,reject', '*', '*', 'refused'],
  [alive, 'rejected', 'cancellation-failed', '*', '*', 'cancellation-failed'],
  [alive, '!rejected', 'cancellation-failed', '*', '*', 'ignored'],
  // what is requested on our side: nothing changes by it, and what can't come true is refused before any call (contract 3.8, 3.9)
  ['Subscribed', '*', 'request-plan,request-seats', '*', 'accepts', 'change-requested fulfillment.change-subscription'],
  ['Subscribed', '*', 'request-plan,request-seats', '*', 'refuses', 'refused'],
  ['!Subscribed,unknown', '*', 'request-plan,request-seats', '*', '*', 'refused'],
  ['Subscribed,Suspended', '*', 'request-cancellation', '*', '*', 'cancellation-requested fulfillment.change-subscription'],
  ['!Subscribed,Suspended,unknown', '*', 'request-cancellation', '*', '*', 'refused'],
  ['*', '*', 'change-failed', '*', '*', 'ignored'],
];

const its: Readonly<Record<string, string>> = { ChangePlan: 'plan', ChangeQuantity: 'quantity', Renew: 'term' };

function meets(pattern: string, word: string): boolean {
  if (pattern === '*') return true;
  return pattern.startsWith('!') ? !pattern.slice(1).split(',').includes(word) : pattern.split(',').includes(word);
}

const matches = ([status, stage, what, how, catalog]: Row, cell: Cell): boolean =>
  meets(status, cell.status) && meets(stage, cell.stage) && meets(what, cell.what) && meets(how, cell.how) && meets(catalog, cell.catalog);

/** What a row says of one of its cells. */
function said([, , , , , follows]: Row, { status, what, how, catalog }: Cell): string {
  const isAnswered = how.startsWith('seen ') || (catalog === 'asks' && status !== 'Unsubscribed');
  const member = its[what] ?? 'status';
  const words = follows
    .replace('accepted?', isAnswered ? 'accepted' : '')
    .replace('registered?', what === 'resolve' ? 'purchase-registered' : '')
    .replace('(its)', `(${member})`)
    .replace(/\bchanged\b/, `${member}-changed`)
    .replace('shown', how);
  return words.split(' ').filter(Boolean).join(' ') || 'nothing';
}

const named = (cell: Cell): string => Object.values(cell).join(' | ');

it('has one row for each cell, and no more', () => {
  const rowsOf = (cell: Cell) => table.filter((row) => matches(row, cell)).length;
  expect(cells.filter((cell) => rowsOf(cell) !== 1).map((cell) => `${rowsOf(cell)} rows: ${named(cell)}`)).toEqual([]);
});

it('has been written for these words: whoever adds one looks at each row that takes it by `*` or `!`', () => {
  const wordsOf = (column: keyof Cell) => [...new Set(cells.map((cell) => cell[column]))];
  expect(wordsOf('status')).toEqual(['unknown', 'NotStarted', 'PendingFulfillmentStart', 'Subscribed', 'Suspended', 'Unsubscribed']);
  expect(wordsOf('stage')).toEqual(['-', 'awaiting-customer', 'awaiting-approval', 'rejected', 'provisioning', 'activating', 'done']);
  const messages = [
    'read',
    'resolve',
    'unresolved',
    'tenant-back',
    'change-failed',
    'difference-found',
    'difference-ended',
    ...setUp.split(','),
  ];
  const commands = ['approve', 'reject', 'request-plan', 'request-seats', 'request-cancellation'];
  expect(wordsOf('what').sort()).toEqual([...operations.split(','), ...messages, ...commands].sort());
  const ways = ['announced', ...open.split(','), ...succeeded.split(','), 'seen Failed', 'seen Conflict', 'end Failed', 'end Conflict'];
  expect(wordsOf('how').sort()).toEqual([...ways, ...lost.split(','), ...wordsOf('status').slice(1), '-'].sort());
});

it('has cells for every message about which the record decides', () => {
  expect([...broughtTypes()].sort()).toEqual([...decidedTypes].sort());
});

it.each(table)('%s / %s: %s, %s, where the catalog %s → %s', (...row) => {
  const own = cells.filter((cell) => matches(row, cell));
  expect(own).not.toEqual([]);
  expect(own.map((cell) => `${named(cell)} → ${resultOf(cell)}`)).toEqual(own.map((cell) => `${named(cell)} → ${said(row, cell)}`));
});
