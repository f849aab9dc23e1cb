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
      ...{ timeStamp: null, isRevert: false, offer: { publisherId: null, offerId: null, planId: 'silver' } },
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
    expect(read(payload)).toMatchObject({ kind: 'unreadable', reason, operationId: null, action: null, subscriptionId: subscription });
  });

  it.each([
    ['no id', { id: undefined }],
    ['two ids in one', { id: `org:${id},${id}` }],
  ])('has its hints kept with %s: they explain what a read will show', (_case, differing) => {
    expect(read({ ...canonical, ...differing, timeStamp: '2024-02-10T18:48:58.4449937Z', subscription: { planId: 'gold' } })).toEqual({
      ...{ kind: 'unreadable', reason: 'no-operation', operationId: null, action: null, subscriptionId, announcedAction: 'ChangePlan' },
      ...{ source: 'Azure', planId: 'gold', quantity: 10, timeStamp: '2024-02-10T18:48:58.444Z', isRevert: true },
    });
  });

  it.each([
    ['2024-02-10T18:48:58.4449937Z', '2024-02-10T18:48:58.444Z'],
    ['2024-02-10T18:48:58Z', '2024-02-10T18:48:58.000Z'],
    ['2024-02-10T18:48:58.44', '2024-02-10T18:48:58.440Z'],
    ['2024-02-10T19:48:58.4449937+01:00', '2024-02-10T18:48:58.444Z'],
    [' 2024-02-10T18:48:58.4449937Z ', '2024-02-10T18:48:58.444Z'],
    ['0001-01-01T00:00:00', null],
    ['9999-12-31T23:59:59.9999999Z', '9999-12-31T23:59:59.999Z'],
    ['9999-12-31T23:59:59-01:00', null],
    ['2024-13-10T18:48:58Z', null],
    ['yesterday', null],
    ['', null],
    [null, null],
    [1707590938, null],
  ])('has of the time stamp %p the instant %p', (given, timeStamp) => {
    expect(read({ ...canonical, timeStamp: given })).toMatchObject({ timeStamp });
  });

  it.each<[what: string, sent: object, isRevert: boolean]>([
    ['asks for another plan', { subscription: { planId: 'silver' } }, false],
    ['asks for the plan that is there already', { subscription: { planId: 'gold', quantity: 3 } }, true],
    ['asks for other seats', { action: 'ChangeQuantity', subscription: { planId: 'gold', quantity: 9 } }, false],
    ['asks for the seats that are there already', { action: 'ChangeQuantity', subscription: { planId: 'x', quantity: '10' } }, true],
    ['names nothing that it asks for', { planId: '', subscription: { planId: '' } }, false],
    ['comes without its subscription', {}, false],
    ['is a fact', { action: 'Renew', subscription: { planId: 'gold', quantity: 10 } }, false],
  ])('takes a change back or does not, where it %s', (_what, sent, isRevert) => {
    expect(read({ ...canonical, ...sent })).toMatchObject({ isRevert });
  });
});
