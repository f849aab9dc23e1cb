import { randomUUID } from 'node:crypto';
import {
  changeSubscription,
  DEFAULT_REGISTRATION,
  operationDecided,
  webhookAnswered,
  webhookReceived,
  type DataOf,
} from '@landfall/contracts';
import { config } from '../fulfillment.config';
import { fulfillmentApp } from '../testing/fulfillment.app';

const { app, marketplace, incoming, performLater, age } = fulfillmentApp();

async function webhookOf(operationId: string, differing: Partial<DataOf<typeof webhookReceived>>) {
  const about = { subscriptionId: marketplace.subscription!.id, operationId, action: 'ChangePlan' };
  const hint = { source: 'Azure', planId: 'gold', quantity: 10, timeStamp: new Date().toISOString(), isRevert: false };
  const delivery = { deliveryId: randomUUID(), registration: DEFAULT_REGISTRATION, receivedAt: new Date().toISOString() };
  await app.deliver(incoming(webhookReceived({ ...about, ...hint, ...delivery, ...differing })));
}

/** The webhook of an open ChangePlan, and what the subscription service decides about it. */
async function webhook({ receivedAt = new Date() } = {}) {
  const { id: operationId } = marketplace.operate({ id: randomUUID() });
  const about = { subscriptionId: marketplace.subscription!.id, operationId, action: 'ChangePlan' };
  await webhookOf(operationId, { receivedAt: receivedAt.toISOString() });
  return {
    answered: () =>
      app.deliver(
        incoming(webhookAnswered({ ...about, registration: DEFAULT_REGISTRATION, status: 200, answeredAt: new Date().toISOString() })),
      ),
    refused: () =>
      app.deliver(incoming(operationDecided({ ...about, registration: 'default', verdict: 'refused', reason: 'no', version: 2 }))),
  };
}

const verified = (read: unknown) => ({
  type: 'landfall.fulfillment.operation-verified.v1',
  data: { operationStatus: 'InProgress', read },
});

it('tells an open change once more with its subscription, for which Get Subscription took 1.3 s: an unknown one is decided only then (rule 6)', async () => {
  marketplace.takingMs = (call) => (call === 'getSubscription' ? 1_300 : 0);
  const { refused } = await webhook();
  expect(await app.sent()).toMatchObject([verified(null)]);
  await performLater();
  expect(await app.sent()).toMatchObject([verified({ snapshot: { planId: 'silver' } })]);
  await refused();
  marketplace.calls.length = 0;
  await performLater();
  expect(marketplace.calls).toEqual(['getOperation']); // now only its end matters
});

it('acknowledges a webhook that was not answered seven seconds after its receipt, however late it was looked at first', async () => {
  const { refused } = await webhook({ receivedAt: new Date(Date.now() - 7_000) });
  await refused();
  await performLater();
  expect(marketplace.calls).toContain('patchOperation Failure');
});

it('never takes a receipt as later than the first look, whatever the gateway’s clock says', async () => {
  const { refused } = await webhook({ receivedAt: new Date(Date.now() + 60_000) });
  await age(7_000);
  await refused();
  await performLater();
  expect(marketplace.calls).toContain('patchOperation Failure');
});

it.each([
  ['has just been seen', ['patchOperation Failure', 'getOperation'], async () => undefined],
  [
    'has just been seen without its subscription',
    ['patchOperation Failure', 'getOperation', 'getSubscription'],
    () => app.query('update fulfillment.operations set published_snapshot = null'),
  ],
  ['has not been seen for a while', ['getOperation', 'patchOperation Failure'], () => age(3_000)],
  [
    'may have been acknowledged by a run that was cut off',
    ['getOperation', 'patchOperation Failure'],
    () => app.query('update fulfillment.job set attempts = 1'),
  ],
])('acknowledges an operation that %s: what was not just seen is read first (rule 9)', async (_what, calls, before) => {
  const { answered, refused } = await webhook();
  await refused();
  await answered();
  await before();
  marketplace.calls.length = 0;
  await app.perform();
  expect(marketplace.calls).toEqual(calls);
});

it('waits for LAG from the webhook of a change of ours that Microsoft has not shown, however late that webhook comes: it may be done only after it (rule 5)', async () => {
  const about = { subscriptionId: marketplace.subscription!.id, requestId: randomUUID(), action: 'ChangeQuantity' as const };
  await app.deliver(incoming(changeSubscription({ ...about, planId: null, quantity: 12, version: 5 })));
  await app.perform();
  const [operation] = marketplace.operations.values();
  marketplace.hidden.add(operation!.id);
  await performLater(); // its first look
  await age(config.values.COPY_LAG - 1_000);
  await webhookOf(operation!.id, { action: 'ChangeQuantity', source: 'Partner', planId: null, quantity: 12 });
  await app.sent();
  await age(config.values.COPY_LAG - 1_000);
  marketplace.show({ quantity: 12 }); // done, and still not shown
  await performLater();
  expect(await app.sent()).toMatchObject([
    { type: 'landfall.fulfillment.subscription-observed.v1', data: { read: { snapshot: { quantity: 12 } } } },
  ]);
  await age(1_000);
  await performLater();
  expect(await app.sent()).toMatchObject([{ type: 'landfall.fulfillment.operation-settled.v1', data: { settled: 'Invisible' } }]);
});
