import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { operationDecided, webhookAnswered, webhookReceived } from '@landfall/contracts';
import { MarketplaceAnswerUnreadable, MarketplaceForbidden, type Operation } from '@landfall/marketplace-client';
import { away, conflict, rejected } from '../testing/fake.marketplace';
import { fulfillmentApp } from '../testing/fulfillment.app';
import { OperationWorker } from './operation.worker';

const { app, marketplace, incoming, performLater, failures, crash } = fulfillmentApp();

/** An open operation that was verified; `answered` and `decided` deliver what the others send about it. */
async function verified(differing: Partial<Operation> = {}) {
  const operation = marketplace.operate({ id: randomUUID(), ...differing });
  const { subscriptionId, action } = operation;
  const about = { subscriptionId, operationId: operation.id, action };
  const received = incoming(
    webhookReceived({
      ...{ ...about, deliveryId: randomUUID(), source: operation.source, planId: operation.planId, quantity: operation.quantity },
      ...{ receivedAt: new Date().toISOString(), deadline: new Date().toISOString() },
    }),
  );
  await app.deliver(received);
  await app.sent();
  marketplace.calls.length = 0;
  return {
    operation,
    received,
    answered: () => app.deliver(incoming(webhookAnswered({ ...about, status: 200, answeredAt: new Date().toISOString() }))),
    decided: (verdict: 'accepted' | 'refused' = 'accepted') =>
      app.deliver(incoming(operationDecided({ ...about, verdict, reason: null, version: 2 }))),
    row: async () =>
      (
        await app.query<{ settled: string | null }>('select settled from fulfillment.operations where operation_id = $1', [operation.id])
      )[0],
  };
}

const settledAs = (settled: string) => ({ type: 'landfall.fulfillment.operation-settled.v1', data: { settled } });

it.each(['decision', 'answer'])('acknowledges as soon as it is decided and answered: the %s first', async (first) => {
  const { answered, decided, row } = await verified();
  await (first === 'decision' ? decided() : answered());
  expect(await app.perform()).toBe(0);
  await (first === 'decision' ? answered() : decided());
  expect(await app.perform()).toBe(1);
  expect(marketplace.calls).toEqual(['getOperation', 'patchOperation Success', 'getOperation', 'getSubscription']);
  expect(await app.sent()).toMatchObject([{ ...settledAs('Succeeded'), data: { settled: 'Succeeded', snapshot: { planId: 'gold' } } }]);
  expect(await row()).toEqual({ settled: 'Succeeded' });
  expect(await app.jobs()).toEqual([]);
});

it('sends a refusal as Failure', async () => {
  const { answered, decided } = await verified();
  await decided('refused');
  await answered();
  await app.perform();
  expect(marketplace.calls).toContain('patchOperation Failure');
  expect(await app.sent()).toMatchObject([settledAs('Failed')]);
});

it('acknowledges seven seconds after the webhook although nobody saw our answer leave', async () => {
  const { received, decided } = await verified();
  const [job] = await app.jobs();
  expect(Date.parse(job!.runAt) - Date.parse(received.time)).toBe(7_000);
  await decided('refused');
  expect(await app.perform()).toBe(0);
  await performLater();
  expect(marketplace.times('patchOperation')).toBe(1);
});

it('sends nothing while nobody has decided, and follows what Microsoft makes of it', async () => {
  const { operation, answered } = await verified();
  await answered();
  await performLater();
  expect(marketplace.times('patchOperation')).toBe(0);
  marketplace.operations.set(operation.id, { ...operation, status: 'Succeeded' }); // the ten seconds are over
  marketplace.show({ planId: 'gold' });
  await performLater();
  expect(await app.sent()).toMatchObject([settledAs('Succeeded')]);
});

it('never acknowledges our own request', async () => {
  const { operation, answered, decided } = await verified({ source: 'Partner' });
  await decided();
  await answered();
  await performLater();
  marketplace.operations.set(operation.id, { ...operation, status: 'Failed' });
  await performLater();
  expect(marketplace.times('patchOperation')).toBe(0);
  expect(await app.sent()).toMatchObject([settledAs('Failed')]);
});

it.each([
  ['409', conflict],
  ['500', () => away(500)],
])('takes %s on PATCH for settled, and reads how (rule 9)', async (_status, answer) => {
  const { operation, answered, decided } = await verified();
  await decided();
  await answered();
  marketplace.onPatch = () => {
    marketplace.operations.set(operation.id, { ...operation, status: 'Conflict' });
    throw answer();
  };
  await app.perform();
  expect(await app.sent()).toMatchObject([settledAs('Conflict')]);
});

it('follows a reinstatement until the subscription is Subscribed (rule 7)', async () => {
  marketplace.show({ status: 'Suspended' });
  const { operation, answered, decided } = await verified({ action: 'Reinstate' });
  await decided();
  await answered();
  marketplace.onPatch = () => void marketplace.operations.set(operation.id, { ...operation, status: 'Succeeded' });
  await app.perform();
  await performLater();
  expect(await app.sent()).toEqual([]);
  marketplace.show({ status: 'Subscribed' });
  await performLater();
  expect(await app.sent()).toMatchObject([{ ...settledAs('Succeeded'), data: { snapshot: { status: 'Subscribed' } } }]);
  expect(marketplace.times('patchOperation')).toBe(1);
});

it('gives a subscription time to show what has succeeded after a long while: a copy that lags must not undo the change', async () => {
  const { operation, row } = await verified({ source: 'Partner' });
  app.clock.advance(5 * 60_000);
  marketplace.operations.set(operation.id, { ...operation, status: 'Succeeded' });
  await performLater();
  expect(await app.sent()).toEqual([]);
  marketplace.show({ planId: 'gold' });
  await performLater();
  expect(await app.sent()).toMatchObject([{ ...settledAs('Succeeded'), data: { snapshot: { planId: 'gold' } } }]);
  expect(await row()).toEqual({ settled: 'Succeeded' });
});

it('does not wait for ever for a subscription to show what has succeeded: a later change may have replaced it', async () => {
  const { operation } = await verified();
  marketplace.operations.set(operation.id, { ...operation, status: 'Succeeded' });
  await performLater();
  expect(await app.sent()).toEqual([]);
  await performLater();
  expect(await app.sent()).toMatchObject([{ ...settledAs('Succeeded'), data: { snapshot: { planId: 'silver' } } }]);
});

it('reads before it acts after a crash: nothing is acknowledged and nothing published twice', async () => {
  const { answered, decided } = await verified();
  await decided();
  await answered();
  await crash((job) => app.get(OperationWorker).follow(job));
  await app.perform();
  expect(marketplace.times('patchOperation')).toBe(1);
  expect(await app.sent()).toMatchObject([settledAs('Succeeded')]);
});

it('sends an acknowledgement again whose answer nobody saw, five times at most', async () => {
  const { answered, decided } = await verified();
  await decided('refused');
  await answered();
  marketplace.failing = (call) => {
    if (call === 'patchOperation') throw away(null);
  };
  for (let run = 0; run < 7; run += 1) await performLater();
  expect(marketplace.times('patchOperation')).toBe(5);
  expect(await app.jobs()).toMatchObject([{ state: 'ready' }]);
});

it('waits while Microsoft is away, without counting it as a failure', async () => {
  const { answered, decided } = await verified();
  await decided();
  await answered();
  marketplace.failing = () => {
    throw away();
  };
  for (let run = 0; run < 3; run += 1) await performLater();
  expect(await failures()).toEqual([{ state: 'ready', failures: 0 }]);
  marketplace.failing = () => undefined;
  await performLater();
  expect(await app.sent()).toMatchObject([settledAs('Succeeded')]);
});

it.each([
  ['a refusal to let us in', () => new MarketplaceForbidden('Microsoft answered 403', { status: 403 })],
  ['a page of some proxy', () => new MarketplaceAnswerUnreadable('(body)', 'is not JSON')],
  ['an undocumented 400', () => rejected('try later')],
])('does not give an operation up for %s: the record would keep it open for ever', async (_case, answer) => {
  const { answered, decided } = await verified();
  await decided();
  await answered();
  marketplace.failing = (call) => {
    if (call === 'getSubscription') throw answer();
  };
  await performLater();
  expect(await failures()).toEqual([{ state: 'ready', failures: 1 }]);
  marketplace.failing = () => undefined;
  await performLater();
  expect(await app.sent()).toMatchObject([settledAs('Succeeded')]);
});

it('raises no alarm over an operation that the end of its subscription has ended (rule 3)', async () => {
  marketplace.show({ status: 'Suspended' });
  await verified({ action: 'Reinstate' });
  marketplace.show({ status: 'Unsubscribed' });
  const alarm = jest.spyOn(Logger.prototype, 'error');
  await performLater();
  expect(await app.sent()).toMatchObject([settledAs('Expired')]);
  expect(alarm).not.toHaveBeenCalled();
  alarm.mockRestore();
});

it('names an operation Expired that stays open for a day, and follows it no longer (rule 10)', async () => {
  await verified();
  app.clock.advance(24 * 3_600_000);
  await performLater();
  expect(await app.sent()).toMatchObject([settledAs('Expired')]);
  expect(await app.jobs()).toEqual([]);
});
