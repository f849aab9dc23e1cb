import { readNotification } from './webhook.notification';

const id = '74dfb4db-c193-4891-827d-eb05fbdc64b0';
const subscriptionId = 'b8d6908b-0058-413a-cd62-000000000001';
const canonical = { id, subscriptionId, action: 'ChangePlan', planId: 'gold', quantity: 10, operationRequestSource: 'Azure' };
const read = (payload: unknown) => readNotification(Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)));

describe('a webhook payload', () => {
  it('is read in its canonical form, whatever else it holds', () => {
    expect(read({ ...canonical, activityId: id, purchaseToken: null, subscription: { planId: 'silver' }, new: { things: [1] } })).toEqual({
      kind: 'notification',
      ...{ operationId: id, subscriptionId, action: 'ChangePlan', source: 'Azure', planId: 'gold', quantity: 10 },
    });
  });

  it.each([
    [10, 10],
    ['10', 10],
    [0, 0],
    ['', null],
    [null, null],
    [undefined, null],
    ['many', null],
    [1.5, null],
    [-1, null],
    [1e20, null],
    [{}, null],
  ])('has of the quantity %p the number %p', (given, quantity) => {
    expect(read({ ...canonical, quantity: given })).toMatchObject({ kind: 'notification', quantity });
  });

  it.each([
    ['only id, subscriptionId and action', { id, subscriptionId, action: 'Unsubscribe' }, { planId: null, quantity: null, source: null }],
    ['empty strings for all else', { ...canonical, planId: '', offerId: '', quantity: '' }, { planId: null, quantity: null }],
    ['operationType for action', { id, subscriptionId, operationType: 'Reinstate' }, { action: 'Reinstate' }],
    ['an action that we do not know', { ...canonical, action: 'Transfer' }, { action: 'Transfer' }],
    [
      'ids in capitals',
      { ...canonical, id: id.toUpperCase(), subscriptionId: ` ${subscriptionId.toUpperCase()} ` },
      { operationId: id, subscriptionId },
    ],
    ['a subscription that is named only within', { id, action: 'Renew', subscription: { id: subscriptionId } }, { subscriptionId }],
    ['a byte order mark', `\uFEFF${JSON.stringify(canonical)}`, { operationId: id }],
  ])('is read with %s', (_case, payload, expected) => {
    expect(read(payload)).toMatchObject({ kind: 'notification', ...expected });
  });

  it.each([
    ['nothing', '', 'not-json', null],
    ['text', 'hello', 'not-json', null],
    ['an array', [canonical], 'not-json', null],
    ['null', 'null', 'not-json', null],
    ['no id', { ...canonical, id: undefined }, 'no-operation', subscriptionId],
    ['an id that is no GUID', { ...canonical, id: '17' }, 'no-operation', subscriptionId],
    ['no subscriptionId', { ...canonical, subscriptionId: undefined }, 'no-subscription', null],
    ['no action', { ...canonical, action: undefined }, 'no-action', subscriptionId],
    ['an empty action', { ...canonical, action: ' ' }, 'no-action', subscriptionId],
    ['a zero byte in the action, which no table takes', { ...canonical, action: 'Change\u0000Plan' }, 'no-action', subscriptionId],
    ['an action of absurd length', { ...canonical, action: 'x'.repeat(201) }, 'no-action', subscriptionId],
  ])('is unreadable with %s', (_case, payload, reason, subscription) => {
    expect(read(payload)).toEqual({ kind: 'unreadable', reason, operationId: null, action: null, subscriptionId: subscription });
  });
});
