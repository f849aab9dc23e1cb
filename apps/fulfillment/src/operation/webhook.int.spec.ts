import { randomUUID } from 'node:crypto';
import { webhookAnswered, webhookReceived, webhookUnreadable, type DataOf } from '@landfall/contracts';
import { away } from '../testing/fake.marketplace';
import { fulfillmentApp } from '../testing/fulfillment.app';
import { operationKey } from './operation';
import { VERIFICATION_LIMIT_MS } from './verification.domain';

const { app, marketplace, incoming } = fulfillmentApp();

/** A subscription of its own for each test, so that nothing of another is in the way. */
function webhook(differing: Partial<DataOf<typeof webhookReceived>> = {}) {
  const data = {
    ...{ deliveryId: randomUUID(), subscriptionId: marketplace.subscription!.id, operationId: randomUUID(), action: 'ChangePlan' },
    ...{ source: 'Azure', planId: 'gold', quantity: 10, receivedAt: new Date().toISOString(), deadline: new Date().toISOString() },
    ...differing,
  };
  return { data, message: incoming(webhookReceived(data)) };
}

/** Longer ago than a webhook is asked about. */
const LONG_MS = VERIFICATION_LIMIT_MS + 1_000;
const sentLongAgo = (message: ReturnType<typeof webhook>['message']) => ({
  ...message,
  time: new Date(Date.parse(message.time) - LONG_MS).toISOString(),
});
const waitedForLong = (data: DataOf<typeof webhookReceived>) =>
  app.query(`update fulfillment.dead_letter set added_at = now() - make_interval(secs => $2) where key = $1`, [
    operationKey(data),
    LONG_MS / 1_000,
  ]);

it('publishes once that Microsoft confirms an operation, however often Kafka delivers the message', async () => {
  const { data, message } = webhook();
  marketplace.operate({ id: data.operationId });
  await app.deliver(message);
  await app.deliver(message);
  await app.deliver(webhook(data).message); // the same operation, delivered by Microsoft once more
  expect(await app.sent()).toMatchObject([
    {
      type: 'landfall.fulfillment.operation-verified.v1',
      correlationId: message.correlationId,
      data: { operationId: data.operationId, planId: 'gold', operationStatus: 'InProgress', snapshot: { planId: 'silver' } },
    },
  ]);
  expect(await app.jobs()).toMatchObject([{ kind: 'follow-operation', key: `operation:${data.operationId}` }]);
});

it('asks both questions at the same time, once each, within a second, and dates the answer before them', async () => {
  const { data, message } = webhook();
  marketplace.operate({ id: data.operationId });
  const before = Date.now();
  await app.deliver(message);
  const [verified] = (await app.sent()) as { data: { readAt: string } }[];
  const readAt = Date.parse(verified!.data.readAt);
  expect(readAt).toBeGreaterThanOrEqual(before);
  expect(readAt).toBeLessThanOrEqual(marketplace.firstCallAt);
  expect(marketplace.calls.toSorted()).toEqual(['getOperation', 'getSubscription']);
  expect(marketplace.contexts).toMatchObject([
    { attempts: 1, timeoutMs: 900, correlationId: message.correlationId },
    { attempts: 1, timeoutMs: 900 },
  ]);
});

it('waits for an operation that Microsoft does not show yet', async () => {
  const { data, message } = webhook();
  await app.deliver(message);
  expect(await app.sent()).toEqual([]);
  marketplace.operate({ id: data.operationId });
  await app.redeliver();
  expect(await app.sent()).toMatchObject([{ type: 'landfall.fulfillment.operation-verified.v1' }]);
});

it('lets the subscription alone decide when Microsoft does not show the operation within the limit (rule 5)', async () => {
  const { data, message } = webhook();
  await app.deliver(sentLongAgo(message));
  await waitedForLong(data);
  await app.redeliver();
  expect(await app.sent()).toMatchObject([{ type: 'landfall.fulfillment.subscription-observed.v1', data: { occasion: 'webhook' } }]);
  expect(await app.query('select verification from fulfillment.operations where operation_id = $1', [data.operationId])).toEqual([
    { verification: 'unverifiable' },
  ]);
});

it('gives a webhook its own time to be verified, however long an earlier one has waited (rule 5)', async () => {
  const earlier = webhook();
  const later = webhook();
  await app.deliver(sentLongAgo(earlier.message), later.message);
  await waitedForLong(earlier.data);
  await app.redeliver();
  expect(await app.sent()).toMatchObject([{ type: 'landfall.fulfillment.subscription-observed.v1' }]);
  marketplace.operate({ id: later.data.operationId });
  await app.redeliver();
  expect(await app.sent()).toMatchObject([
    { type: 'landfall.fulfillment.operation-verified.v1', data: { operationId: later.data.operationId } },
  ]);
});

it('waits without counting attempts while Microsoft is away', async () => {
  const { data, message } = webhook();
  marketplace.operate({ id: data.operationId });
  marketplace.failing = () => {
    throw away();
  };
  await app.deliver(message);
  for (let round = 0; round < 3; round += 1) await app.redeliver();
  expect(await app.query('select state, attempts from fulfillment.blocked_key where key = $1', [operationKey(data)])).toEqual([
    { state: 'waiting', attempts: 0 },
  ]);
  marketplace.failing = () => undefined;
  await app.redeliver();
  expect(await app.sent()).toMatchObject([{ type: 'landfall.fulfillment.operation-verified.v1' }]);
});

it('asks again about a subscription that Microsoft does not show, and about a status that nobody knows', async () => {
  const { data, message } = webhook();
  marketplace.operate({ id: data.operationId });
  const { subscription } = marketplace;
  marketplace.subscription = null;
  await app.deliver(message);
  marketplace.subscription = { ...subscription!, status: 'Frozen' };
  await app.redeliver();
  const [stuck] = await app.query<{ reason: string; state: string }>('select state, reason from fulfillment.blocked_key where key = $1', [
    operationKey(data),
  ]);
  expect(stuck).toMatchObject({ state: 'waiting', reason: expect.stringContaining('unknown subscription status: "Frozen"') });
  expect(await app.sent()).toEqual([]);
  marketplace.subscription = subscription;
  await app.redeliver();
  expect(await app.sent()).toMatchObject([{ type: 'landfall.fulfillment.operation-verified.v1' }]);
});

it('lets an Unsubscribe pass a webhook that still waits to be verified (rule 3)', async () => {
  const waiting = webhook();
  await app.deliver(waiting.message);
  marketplace.show({ status: 'Unsubscribed' });
  const { data, message } = webhook({ action: 'Unsubscribe' });
  marketplace.operate({ id: data.operationId, action: 'Unsubscribe', status: 'Succeeded' });
  await app.deliver(message);
  expect(await app.sent()).toMatchObject([
    { data: { action: 'Unsubscribe', operationStatus: 'Succeeded', snapshot: { status: 'Unsubscribed' } } },
  ]);
  await app.redeliver();
  expect(await app.sent()).toMatchObject([{ type: 'landfall.fulfillment.subscription-observed.v1' }]);
});

it('keeps what follows a waiting webhook behind it, in order', async () => {
  const { data, message } = webhook();
  await app.deliver(message, incoming(webhookAnswered({ ...data, status: 200, answeredAt: new Date().toISOString() })));
  marketplace.operate({ id: data.operationId });
  await app.redeliver();
  const [operation] = await app.query<{ answered: boolean }>(
    'select answered_at is not null as answered from fulfillment.operations where operation_id = $1',
    [data.operationId],
  );
  expect(operation).toEqual({ answered: true });
});

it('observes the subscription of a webhook that could not be read', async () => {
  const { id } = marketplace.subscription!;
  await app.deliver(incoming(webhookUnreadable({ deliveryId: randomUUID(), subscriptionId: id, receivedAt: new Date().toISOString() })));
  expect(await app.sent()).toMatchObject([{ data: { subscriptionId: id, occasion: 'webhook', snapshot: { planId: 'silver' } } }]);
});
