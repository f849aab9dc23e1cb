import { Publisher } from '../testing/publisher';

let publisher: Publisher;

beforeEach(async () => {
  publisher = await Publisher.start({ settings: { autoAcceptMs: 10_000 } });
});

afterEach(() => publisher.stop());

const slow = (changes: object) => publisher.fault({ do: { effect: 'slowOperation', ...changes } });
const advance = (duration: string) => publisher.control('POST', '/clock/advance', { duration });
const operationOf = async (id: string) => (await publisher.truth(id)).operations.at(-1);

it("starts the publisher's change later, and ends it later than it was accepted", async () => {
  await slow({ start: 'PT5M', end: 'PT10M' });
  const id = await publisher.subscribe({ quantity: 5 });
  expect((await publisher.api('PATCH', `/saas/subscriptions/${id}`, { quantity: 9 })).status).toBe(202);
  await advance('PT4M');
  expect(await operationOf(id)).toMatchObject({ status: 'NotStarted', slow: { startMs: 300_000, endMs: 600_000 } });
  await advance('PT5M');
  expect(await operationOf(id)).toMatchObject({ status: 'InProgress', acceptedBy: 'ten-seconds', settledBy: null });
  expect((await publisher.truth(id)).quantity).toBe(5);
  await advance('PT7M');
  expect(await operationOf(id)).toMatchObject({ status: 'Succeeded', settledBy: 'ten-seconds' });
  expect((await publisher.truth(id)).quantity).toBe(9);
});

it('keeps the answer of the publisher, and takes no other after it', async () => {
  await slow({ end: 'PT10M' });
  const id = await publisher.subscribe({ quantity: 5 });
  const { body } = await publisher.control('POST', `/subscriptions/${id}/change-quantity`, { quantity: 9 });
  await publisher.webhooks(1);
  for (const status of ['Success', 'Failure', 'Success'])
    expect((await publisher.api('PATCH', `/saas/subscriptions/${id}/operations/${body.operationId}`, { status })).status).toBe(200);
  await advance('PT5M');
  expect(await operationOf(id)).toMatchObject({ status: 'InProgress', acceptedBy: 'publisher' });
  await advance('PT6M');
  expect(await operationOf(id)).toMatchObject({ status: 'Succeeded', settledBy: 'publisher' });
});

it('reads InProgress for a while before a cancellation has its effect', async () => {
  await slow({ start: 'PT1M', end: 'PT10M' });
  const id = await publisher.subscribe();
  expect((await publisher.api('DELETE', `/saas/subscriptions/${id}`)).status).toBe(202);
  await advance('PT5M');
  expect(await operationOf(id)).toMatchObject({ action: 'Unsubscribe', status: 'InProgress' });
  expect((await publisher.truth(id)).saasSubscriptionStatus).toBe('Subscribed');
  await advance('PT10M');
  expect(await publisher.truth(id)).toMatchObject({ saasSubscriptionStatus: 'Unsubscribed', operations: [{ status: 'Succeeded' }] });
  expect((await publisher.webhooks(1))[0]?.body).toMatchObject({ action: 'Unsubscribe' });
});

it('draws a length anew for each operation, between the bounds', async () => {
  await slow({ end: { from: 'PT1M', to: 'PT1H' } });
  const lengths = [];
  for (let count = 0; count < 5; count++) {
    const id = await publisher.subscribe({ quantity: 5 });
    await publisher.control('POST', `/subscriptions/${id}/change-quantity`, { quantity: 9 });
    lengths.push((await operationOf(id)).slow.endMs);
  }
  expect(new Set(lengths).size).toBe(5);
  for (const length of lengths) expect([length >= 60_000, length <= 3_600_000]).toEqual([true, true]);
});
