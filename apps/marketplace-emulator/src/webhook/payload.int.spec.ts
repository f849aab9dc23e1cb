import { randomUUID } from 'node:crypto';
import { limits } from '../limits';
import { Publisher, until } from '../testing/publisher';
import { payloadVariants } from './payload.variants';

let publisher: Publisher;

beforeEach(async () => {
  publisher = await Publisher.start({ settings: { webhookTimeoutMs: 10_000 } });
});

afterEach(() => publisher.stop());

/** The webhook of an action as it arrives under some variants. */
async function received(act: string, webhookPayloadVariants: string[], order: object = {}): Promise<Record<string, unknown>> {
  const id = await publisher.subscribe(order);
  if (act === 'reinstate') {
    await publisher.control('POST', `/subscriptions/${id}/suspend`);
    await publisher.webhooks(1);
  }
  await publisher.control('PATCH', '/settings', { webhookPayloadVariants });
  await publisher.control('POST', `/subscriptions/${id}/${act}`, act === 'change-plan' ? { planId: 'gold' } : undefined);
  return (await publisher.webhooks(act === 'reinstate' ? 2 : 1)).at(-1)?.body as unknown as Record<string, unknown>;
}

const nested = (levels: number): object => (levels === 0 ? {} : { in: nested(levels - 1) });
const minimal = ['action', 'activityId', 'id', 'operationRequestSource', 'subscriptionId', 'timeStamp'];

it.each([
  ['minimal-2021', 'change-plan'],
  ['minimal-reinstate', 'reinstate'],
])('%s: leaves six members of %s', async (variant, act) => {
  expect(Object.keys(await received(act, [variant])).sort()).toEqual(minimal);
});

it.each<[string, string, object]>([
  ['empty-strings-2019', 'unsubscribe', { publisherId: '', offerId: '', planId: '', quantity: '' }],
  ['operationType-2019', 'reinstate', { operationType: 'Reinstate' }],
  ['quantity-string-2019', 'renew', { quantity: '1' }],
  ['suspend-subscribed-2022', 'suspend', { subscription: { saasSubscriptionStatus: 'Subscribed' } }],
  ['status-success', 'renew', { status: 'Success' }],
  ['padded-status', 'renew', { subscription: { saasSubscriptionStatus: ' Subscribed ' } }],
  ['last-modified-empty', 'renew', { subscription: { lastModified: '0001-01-01T00:00:00' } }],
  ['requested-source', 'renew', { operationRequestedSource: 'Azure' }],
  ['org-id', 'suspend', { id: expect.stringMatching(/^org:[0-9a-f-]{36},[0-9a-f-]{36}$/), action: 'Suspend' }],
  ['unknown-properties', 'renew', { unheardOf: expect.anything(), subscription: { unheardOf: expect.anything() } }],
])('%s: %s', async (variant, act, expected) => {
  expect(await received(act, [variant])).toMatchObject(expected);
});

it.each([
  ['flat-quantity-null', null],
  ['flat-quantity-empty', ''],
])('%s: writes that at the top of a flat rate', async (variant, quantity) => {
  expect(await received('renew', [variant], { offerId: publisher.emulator.meteredOfferId })).toMatchObject({
    quantity,
    subscription: { quantity: null },
  });
});

it('requested-source: has the historical name and not the present one', async () => {
  expect(await received('renew', ['requested-source'])).not.toHaveProperty('operationRequestSource');
});

it('org-id, no-id, action-alone: cannot be tied to an operation', async () => {
  const { id, activityId, subscriptionId } = await received('change-plan', ['org-id']);
  const [operation] = (await publisher.truth(String(subscriptionId))).operations;
  expect([String(id).includes(operation.id), activityId]).toEqual([false, id]);
  publisher.received.length = 0;
  expect(await received('reinstate', ['no-id'])).toEqual(expect.not.objectContaining({ id: expect.anything() }));
  publisher.received.length = 0;
  expect(Object.keys(await received('unsubscribe', ['action-alone'])).sort()).toEqual(['action', 'subscriptionId']);
});

it('no-charge-duration, no-subscription: leave out what older payloads had not', async () => {
  const { subscription } = await received('renew', ['no-charge-duration']);
  expect((subscription as { term: object }).term).not.toHaveProperty('chargeDuration');
  publisher.received.length = 0;
  expect(await received('renew', ['no-subscription'])).not.toHaveProperty('subscription');
});

it('changes nothing by default, and a variant nothing of the actions in which it was not seen', async () => {
  const plain = await received(
    'suspend',
    payloadVariants.filter((name) => ['minimal-2021', 'minimal-reinstate', 'empty-strings-2019', 'operationType-2019'].includes(name)),
  );
  expect(plain).toMatchObject({
    action: 'Suspend',
    status: 'Succeeded',
    quantity: 1,
    publisherId: expect.stringMatching(/./),
    purchaseToken: null,
    subscription: {
      saasSubscriptionStatus: 'Suspended',
      term: { chargeDuration: null },
      lastModified: expect.stringMatching(/^2\d{3}-.*\d{7}Z$/),
    },
  });
});

it('applies a variant to a body that has not what it changes', async () => {
  await publisher.control('PATCH', '/settings', { webhookPayloadVariants: ['minimal-2021', 'quantity-string-2019', 'padded-status'] });
  const id = await publisher.subscribe();
  await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
  expect(Object.keys((await publisher.webhooks(1))[0]?.body ?? {}).sort()).toEqual(minimal);
  for (const subscription of [{ id }, 'none', [1]]) {
    const payload = { subscription, quantity: undefined };
    const { body } = await publisher.control('POST', `/subscriptions/${id}/webhooks`, { action: 'Renew', payload });
    for (const variant of payloadVariants)
      expect((await publisher.control('POST', `/deliveries/${body.id}/redeliver`, { variant })).status).toBe(200);
  }
});

it('lists the variants, where each was seen, and for which actions', async () => {
  const { body } = await publisher.control('GET', '/webhooks/payload-variants');
  expect(body.payloadVariants.map(({ name }: { name: string }) => name)).toEqual(payloadVariants);
});

describe('a webhook that is made up', () => {
  it('has any action and any members, changes nothing, and is marked in the log', async () => {
    const id = await publisher.subscribe();
    const { status, body } = await publisher.control('POST', `/subscriptions/${id}/webhooks`, {
      action: 'Transfer',
      payload: { target: 'elsewhere', quantity: 'many' },
      omit: ['purchaseToken'],
    });
    expect([status, body]).toMatchObject([200, { kind: 'crafted', action: 'Transfer', verdict: 'received' }]);
    expect(publisher.received[0]?.body).toMatchObject({ action: 'Transfer', subscriptionId: id, target: 'elsewhere', quantity: 'many' });
    expect(publisher.received[0]?.body).not.toHaveProperty('purchaseToken');
    expect((await publisher.truth(id)).operations).toEqual([]);
    publisher.answer = () => 500;
    expect((await publisher.control('POST', `/subscriptions/${id}/webhooks`, { action: 'Suspend' })).body).toMatchObject({
      verdict: 'failed',
      nextTryAt: null,
    });
    expect((await publisher.truth(id)).saasSubscriptionStatus).toBe('Subscribed');
    expect((await publisher.control('GET', '/deliveries?kind=crafted')).body.deliveries).toHaveLength(2);
  });

  it.each([
    ['no action', {}],
    ['a payload that is too long', { action: 'Renew', payload: { long: 'x'.repeat(limits.craftedPayloadCharacters) } }],
    ['a payload that is too deep', { action: 'Renew', payload: nested(1_000) }],
    ['a payload that is a list', { action: 'Renew', payload: [1] }],
    ['an unknown variant', { action: 'Renew', variant: 'fancy' }],
  ])('is refused by 400 for %s', async (_what, body) => {
    const id = await publisher.buy();
    expect((await publisher.control('POST', `/subscriptions/${id}/webhooks`, body)).status).toBe(400);
  });

  it('needs a subscription', async () => {
    expect((await publisher.control('POST', `/subscriptions/${randomUUID()}/webhooks`, { action: 'Renew' })).status).toBe(404);
  });
});

describe('the ten seconds', () => {
  const change = async () => {
    const id = await publisher.subscribe();
    publisher.answer = () => 500;
    await publisher.control('PATCH', '/settings', { retryDelaysMs: [3_600_000], autoAcceptMs: 10_000 });
    const { body } = await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
    await publisher.webhooks(1);
    await until('failed', async () => (await publisher.control('GET', '/deliveries?verdict=failed')).body.deliveries.length === 1);
    await publisher.control('POST', '/clock/advance', { duration: 'PT1M' });
    return { id, operationId: body.operationId };
  };

  it('do not begin before the webhook was received', async () => {
    const { id } = await change();
    expect(await publisher.truth(id)).toMatchObject({ planId: 'silver', operations: [{ status: 'InProgress' }] });
  });

  it('begin with the first try where the setting wants it; the webhook is tried on', async () => {
    await publisher.control('PATCH', '/settings', { autoAccept: 'always' });
    const { id } = await change();
    expect(await publisher.truth(id)).toMatchObject({
      planId: 'gold',
      operations: [{ status: 'Succeeded', settledBy: 'ten-seconds', webhookWaits: true }],
    });
    await publisher.control('POST', '/clock/advance', { duration: 'PT1H' });
    expect((await publisher.truth(id)).operations).toMatchObject([{ webhookWaits: true }]);
    publisher.answer = () => 200;
    await publisher.control('POST', '/clock/advance', { duration: 'PT1H' });
    expect((await publisher.truth(id)).operations).toMatchObject([{ status: 'Succeeded', webhookWaits: false }]);
  });
});
