import { decode } from './decode';
import { belongingTo, operation, operationList } from './operation.decode';

const subscriptionId = '37f9dea2-4345-438f-b0bd-03d40d28c7e0';
const id = '74dfb4db-c193-4891-827d-eb05fbdc64b0';
const live = {
  id,
  activityId: id,
  subscriptionId,
  offerId: 'contoso-saas',
  publisherId: 'contoso',
  planId: 'gold',
  quantity: 20,
  action: 'ChangePlan',
  timeStamp: '2024-02-11T11:38:10.3508619Z',
  status: 'InProgress',
  operationRequestSource: 'Azure',
};
const read = (changes: object) => decode(operation, JSON.stringify({ ...live, ...changes }));

it('reads an operation as it comes over the wire', () => {
  expect(read({})).toEqual({
    id,
    subscriptionId,
    action: 'ChangePlan',
    status: 'InProgress',
    planId: 'gold',
    source: 'Azure',
    timeStamp: '2024-02-11T11:38:10.350Z',
  });
});

it.each<[quirk: string, sent: object, expected: object]>([
  ['an action that nobody knows', { action: 'Transfer' }, { action: 'Transfer' }],
  ['a padded status', { status: ' Conflict ' }, { status: 'Conflict' }],
  ['a numeric error code', { errorStatusCode: 400, errorMessage: 'no' }, { errorCode: '400', errorMessage: 'no' }],
  [
    'the source as the Microsoft emulator spells it',
    { operationRequestSource: undefined, operationRequestedSource: 'Partner' },
    { source: 'Partner' },
  ],
  ['seats as text', { action: 'ChangeQuantity', quantity: '12' }, { quantity: 12 }],
])('bears %s', (_quirk, sent, expected) => {
  expect(read(sent)).toMatchObject(expected);
});

it.each<[sent: string, member: string, action: string]>([
  ['action', 'action', 'Suspend'],
  ['status', 'status', 'ChangePlan'],
  ['planId', 'planId', 'ChangePlan'],
  ['quantity', 'quantity', 'ChangeQuantity'],
  ['operationRequestSource', 'source', 'ChangePlan'],
  ['timeStamp', 'timeStamp', 'ChangePlan'],
  ['errorStatusCode', 'errorCode', 'ChangePlan'],
  ['errorMessage', 'errorMessage', 'ChangePlan'],
])('has what Microsoft leaves out absent: %s', (sent, member, action) => {
  const whole = { action, errorStatusCode: '400', errorMessage: 'no' };
  const all = Object.keys(read(whole));
  expect(all).toContain(member);
  for (const nothing of [undefined, null, '']) {
    expect(Object.keys(read({ ...whole, [sent]: nothing }))).toEqual(all.filter((name) => name !== member));
  }
});

it.each([
  ['ChangePlan', ['planId']],
  ['ChangeQuantity', ['quantity']],
  ['Suspend', []],
  ['Reinstate', []],
  ['Renew', []],
  ['Unsubscribe', []],
  ['Transfer', []],
])('names the target of %s, and not what only stands there beside it', (action, targets) => {
  const named = Object.keys(read({ action }));
  expect(named.filter((member) => member === 'planId' || member === 'quantity')).toEqual(targets);
});

it('takes seats of 0 for left out', () => {
  expect(Object.keys(read({ action: 'ChangeQuantity', quantity: 0 }))).not.toContain('quantity');
});

it.each(['', '{}', 'null', '[]', '{"operations":[]}', '{"operations":null}'])('reads %j as "no operation is open"', (body) => {
  expect(decode(operationList, body)).toEqual([]);
});

it.each([
  ['an object', { operations: [live] }],
  ['a bare list', [live]],
])('reads operations from %s', (_form, body) => {
  expect(decode(operationList, JSON.stringify(body))).toMatchObject([{ id, planId: 'gold' }]);
});

it('names the place of an operation that it cannot read', () => {
  const body = JSON.stringify({ operations: [live, { ...live, id: 'x' }] });
  expect(() => decode(operationList, body)).toThrow(expect.objectContaining({ field: 'operations.1.id' }));
});

it('takes the subscription from the path where Microsoft leaves it out, and only there', () => {
  const asked = 'AAAAAAAA-0000-4000-8000-000000000001';
  expect(belongingTo(asked, read({ subscriptionId: undefined })).subscriptionId).toBe(asked.toLowerCase());
  expect(belongingTo(asked, read({})).subscriptionId).toBe(subscriptionId);
});
