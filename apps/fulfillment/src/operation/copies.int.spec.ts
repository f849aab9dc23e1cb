import { randomUUID } from 'node:crypto';
import { DEFAULT_REGISTRATION, readSubscription, webhookReceived, type Message } from '@landfall/contracts';
import { fulfillmentApp } from '../testing/fulfillment.app';

const { app, marketplace, incoming, age } = fulfillmentApp();

const OFF_MS = 90_000;
const realTimers = ['nextTick', 'setImmediate', 'clearImmediate', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const;

/** What a copy does whose machine's clock is off: everything there but the database's clock and Microsoft's is. */
async function onCopy<T>(offMs: number, work: () => Promise<T>): Promise<T> {
  jest.useFakeTimers({ doNotFake: [...realTimers, 'queueMicrotask', 'hrtime', 'performance'], now: Date.now() + offMs });
  try {
    return await work();
  } finally {
    jest.useRealTimers();
  }
}

const clocks = [
  ['ahead, then behind', OFF_MS, -OFF_MS],
  ['behind, then ahead', -OFF_MS, OFF_MS],
] as const;

/** A webhook whose operation is not shown yet. */
function webhook(action = 'ChangePlan') {
  const now = new Date().toISOString();
  const operation = marketplace.operate({ id: randomUUID(), action });
  marketplace.hidden.add(operation.id);
  const message = incoming(
    webhookReceived({
      ...{ deliveryId: randomUUID(), subscriptionId: operation.subscriptionId, operationId: operation.id, action, source: 'Azure' },
      ...{
        registration: DEFAULT_REGISTRATION,
        planId: 'gold',
        quantity: null,
        timeStamp: now,
        isRevert: false,
        receivedAt: now,
      },
    }),
  );
  return { operation, message };
}

const dueInMs = async () => {
  const [row] = await app.query<{ ms: string }>('select round(extract(epoch from run_at - now()) * 1000) as ms from fulfillment.job');
  return Number(row!.ms);
};
const makeDue = () => app.query(`update fulfillment.job set run_at = now()`);
const readNosOf = (sent: Message[]) =>
  sent.flatMap(({ data }) => {
    const { read } = data as { read?: { readNo: number } | null };
    return read ? [read.readNo] : [];
  });

it.each(clocks)('looks again when it is time, on whichever copy: %s', async (_clocks, first, second) => {
  const { operation, message } = webhook();
  await onCopy(first, () => app.deliver(message));
  expect(await dueInMs()).toBeLessThanOrEqual(250);
  await makeDue();
  expect(await onCopy(second, () => app.perform())).toBe(1);
  expect(await dueInMs()).toBeLessThanOrEqual(1_000);
  expect(((await app.sent()) as { type: string }[]).map(({ type }) => type)).not.toContain('landfall.fulfillment.operation-settled.v1');
  marketplace.hidden.delete(operation.id);
  await makeDue();
  await onCopy(first, () => app.perform());
  expect(await app.sent()).toMatchObject([{ type: 'landfall.fulfillment.operation-verified.v1' }]);
});

it.each(clocks)('counts how long an operation is gone by no machine’s clock: %s', async (_clocks, first, second) => {
  const { operation, message } = webhook();
  marketplace.hidden.delete(operation.id);
  await onCopy(first, () => app.deliver(message));
  marketplace.hidden.add(operation.id);
  for (const offMs of [second, first, second]) {
    await makeDue();
    await onCopy(offMs, () => app.perform());
  }
  expect((await app.sent()).map(({ type }) => type)).toEqual(['landfall.fulfillment.operation-verified.v1']);
  await age(15_000);
  await makeDue();
  await onCopy(first, () => app.perform());
  expect(await app.sent()).toMatchObject([{ data: { settled: 'Vanished' } }]);
});

it.each(clocks)('gives the later read the higher number, whatever the clocks of the copies say: %s', async (_clocks, first, second) => {
  const { message } = webhook('Suspend');
  await onCopy(first, () => app.deliver(message));
  marketplace.show({ status: 'Suspended' });
  await makeDue();
  await onCopy(second, () => app.perform());
  await app.query('delete from fulfillment.job');
  const order = { subscriptionId: marketplace.subscription!.id, order: 1, afterMs: 0, members: ['status' as const], closes: [] };
  await onCopy(first, () => app.deliver(incoming(readSubscription(order))));
  await onCopy(second, () => app.perform());
  const readNos = readNosOf(await app.sent());
  expect(readNos).toHaveLength(3);
  expect(readNos).toEqual(readNos.toSorted((one, other) => one - other));
  expect(new Set(readNos).size).toBe(3);
});
