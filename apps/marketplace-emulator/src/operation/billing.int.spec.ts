import { Publisher } from '../testing/publisher';

let publisher: Publisher;

beforeEach(async () => {
  publisher = await Publisher.start();
});

afterEach(() => publisher.stop());

it('suspends first and sends the webhook then', async () => {
  const id = await publisher.subscribe();
  await publisher.control('POST', `/subscriptions/${id}/suspend`);
  expect((await publisher.truth(id)).saasSubscriptionStatus).toBe('Suspended');
  const [webhook] = await publisher.webhooks(1);
  expect(webhook?.body).toMatchObject({ action: 'Suspend', status: 'Succeeded', subscription: { saasSubscriptionStatus: 'Suspended' } });
});

it('stays Suspended while Reinstate is in progress, and is Subscribed when the ten seconds are over', async () => {
  const id = await publisher.subscribe();
  await publisher.control('POST', `/subscriptions/${id}/suspend`);
  const { body } = await publisher.control('POST', `/subscriptions/${id}/reinstate`);
  const [webhook] = await publisher.webhooks(1, ({ body: { action } }) => action === 'Reinstate');
  expect(webhook?.body).toMatchObject({ status: 'InProgress', subscription: { saasSubscriptionStatus: 'Suspended' } });
  expect((await publisher.truth(id)).saasSubscriptionStatus).toBe('Suspended');
  await publisher.settled(id, body.operationId);
  expect((await publisher.truth(id)).saasSubscriptionStatus).toBe('Subscribed');
});

it('cannot be kept from reinstating, neither by a 4xx nor by Failure', async () => {
  const id = await publisher.subscribe();
  publisher.answer = ({ action }) => (action === 'Reinstate' ? 400 : 200);
  await publisher.control('POST', `/subscriptions/${id}/suspend`);
  const { body } = await publisher.control('POST', `/subscriptions/${id}/reinstate`);
  await publisher.webhooks(1, (webhook) => webhook.body.action === 'Reinstate');
  expect((await publisher.api('PATCH', `/saas/subscriptions/${id}/operations/${body.operationId}`, { status: 'Failure' })).status).toBe(
    200,
  );
  expect(await publisher.settled(id, body.operationId)).toMatchObject({ status: 'Succeeded' });
});

it('is kept from reinstating by a cancellation', async () => {
  await publisher.control('PATCH', '/settings', { autoAcceptMs: 60_000 });
  const id = await publisher.subscribe();
  await publisher.control('POST', `/subscriptions/${id}/suspend`);
  const { body } = await publisher.control('POST', `/subscriptions/${id}/reinstate`);
  expect((await publisher.api('DELETE', `/saas/subscriptions/${id}`)).status).toBe(202);
  await publisher.untilStatus(id, 'Unsubscribed');
  expect(await publisher.settled(id, body.operationId)).toMatchObject({ status: 'Failed', settledBy: 'superseded' });
});

it('renews with the next term in the snapshot', async () => {
  const id = await publisher.subscribe();
  const before = (await publisher.truth(id)).term;
  await publisher.control('POST', `/subscriptions/${id}/renew`);
  const [webhook] = await publisher.webhooks(1);
  expect(webhook?.body).toMatchObject({ action: 'Renew', status: 'Succeeded', subscription: { saasSubscriptionStatus: 'Subscribed' } });
  const after = webhook?.body.subscription.term as { startDate: string };
  expect(Date.parse(after.startDate)).toBe(Date.parse(before.endDate) + 86_400_000);
});

it('cancels for the customer, ends an open change with it, and stays cancelled', async () => {
  await publisher.control('PATCH', '/settings', { autoAcceptMs: 60_000 });
  const id = await publisher.subscribe();
  const change = await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
  await publisher.control('POST', `/subscriptions/${id}/unsubscribe`);
  const [webhook] = await publisher.webhooks(1, ({ body: { action } }) => action === 'Unsubscribe');
  expect(webhook?.body).toMatchObject({
    status: 'Succeeded',
    operationRequestSource: 'Azure',
    subscription: { saasSubscriptionStatus: 'Unsubscribed', planId: 'silver' },
  });
  expect(
    (await publisher.api('PATCH', `/saas/subscriptions/${id}/operations/${change.body.operationId}`, { status: 'Success' })).status,
  ).toBe(409);
  for (const action of ['suspend', 'reinstate', 'renew', 'unsubscribe']) {
    expect(await publisher.control('POST', `/subscriptions/${id}/${action}`)).toMatchObject({
      status: 409,
      body: { error: expect.stringContaining('Unsubscribed') },
    });
  }
});

it('cancels for the publisher with a webhook of source Partner', async () => {
  const id = await publisher.subscribe();
  const { status, headers } = await publisher.api('DELETE', `/saas/subscriptions/${id}`);
  expect(status).toBe(202);
  const [webhook] = await publisher.webhooks(1);
  expect(webhook?.body).toMatchObject({
    id: headers.get('operation-id'),
    action: 'Unsubscribe',
    operationRequestSource: 'Partner',
    status: 'Succeeded',
  });
  expect((await publisher.truth(id)).saasSubscriptionStatus).toBe('Unsubscribed');
});

it('announces a purchase of an automatically activated plan by Subscribe', async () => {
  const id = await publisher.buy({ autoActivate: true, quantity: 3 });
  expect(await publisher.truth(id)).toMatchObject({ saasSubscriptionStatus: 'Subscribed', planId: 'instant', activateCalls: 0 });
  const [webhook] = await publisher.webhooks(1);
  expect(webhook?.body).toMatchObject({
    action: 'Subscribe',
    status: 'Succeeded',
    quantity: 3,
    subscription: { saasSubscriptionStatus: 'Subscribed' },
  });
});

it('tries a notification again that was answered by 4xx, since there is nothing to refuse', async () => {
  const answers = [404, 400];
  publisher.answer = () => answers.shift() ?? 200;
  const id = await publisher.subscribe();
  await publisher.control('POST', `/subscriptions/${id}/suspend`);
  await publisher.webhooks(3);
  expect((await publisher.truth(id)).saasSubscriptionStatus).toBe('Suspended');
});

it('writes quantity 1 at the top and null in the snapshot for a flat rate, and none in the API', async () => {
  const id = await publisher.subscribe({ offerId: publisher.emulator.meteredOfferId });
  await publisher.control('POST', `/subscriptions/${id}/suspend`);
  const [webhook] = await publisher.webhooks(1);
  expect(webhook?.body.quantity).toBe(1);
  expect(webhook?.body.subscription.quantity).toBeNull();
  expect((await publisher.api('GET', `/saas/subscriptions/${id}`)).body).not.toHaveProperty('quantity');
  expect((await publisher.api('GET', `/saas/subscriptions/${id}/operations/${webhook?.body.id}`)).body).not.toHaveProperty('quantity');
});
