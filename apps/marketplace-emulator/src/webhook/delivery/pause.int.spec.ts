import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Publisher, until } from '../../testing/publisher';

let publisher: Publisher;

beforeEach(async () => {
  publisher = await Publisher.start();
});

afterEach(() => publisher.stop());

const waiting = async () => (await publisher.control('GET', '/webhooks')).body;

/** Subscribe webhooks of new purchases that wait during a pause; their subscriptions in the order of purchase. */
async function buyWhilePaused(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let bought = 0; bought < count; bought++) ids.push(await publisher.buy({ autoActivate: true }));
  await until('all due', async () => (await waiting()).webhooks.filter(({ state }: { state: string }) => state === 'due').length === count);
  return ids;
}

/** One after the other, so that their order at the receiver is that in which they were sent. */
const received = () => publisher.received.map(({ body }) => body.subscriptionId);

it('holds every webhook back until it ends, and lets them go in the order in which they became due', async () => {
  expect((await publisher.control('POST', '/webhooks/pause')).body).toEqual({ pausedSince: expect.any(String), total: 0 });
  await publisher.control('PATCH', '/settings', { webhookConcurrency: 1 });
  const ids = await buyWhilePaused(8);
  expect(publisher.received).toEqual([]);
  expect(await waiting()).toMatchObject({
    pausedSince: expect.any(String),
    total: 8,
    webhooks: [{ action: 'Subscribe', attempt: 1 }, {}, {}, {}, {}, {}, {}, {}],
  });
  expect((await publisher.control('POST', '/webhooks/resume')).body).toMatchObject({ pausedSince: null });
  await publisher.webhooks(8);
  expect(received()).toEqual(ids);
  await until('none waits', async () => (await waiting()).total === 0);
});

it('lets them go in another order on request, the same for the same seed', async () => {
  await publisher.control('PATCH', '/settings', { webhookConcurrency: 1 });
  const orders: number[][] = [];
  for (const seed of [7, 7, 8]) {
    publisher.received.length = 0;
    await publisher.control('POST', '/webhooks/pause');
    const ids = await buyWhilePaused(8);
    await publisher.control('POST', '/webhooks/resume', { order: 'shuffled', seed });
    await publisher.webhooks(8);
    orders.push(received().map((id) => ids.indexOf(id)));
    await until('none waits', async () => (await waiting()).total === 0);
  }
  const [first, same, other] = orders;
  expect(first).toEqual(same);
  expect(first).not.toEqual(other);
  expect(first).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

it('starts no ten seconds, and counts no try, while it lasts', async () => {
  const id = await publisher.subscribe();
  await publisher.control('POST', '/webhooks/pause');
  const { body } = await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
  await publisher.control('POST', '/clock/advance', { duration: 'PT1H' });
  expect(await publisher.truth(id)).toMatchObject({ planId: 'silver', operations: [{ status: 'InProgress', webhookWaits: true }] });
  await publisher.control('POST', '/webhooks/resume');
  expect(await publisher.settled(id, body.operationId)).toMatchObject({ status: 'Succeeded', settledBy: 'ten-seconds' });
  expect((await publisher.control('GET', `/deliveries?operationId=${body.operationId}`)).body.deliveries).toMatchObject([{ attempt: 1 }]);
});

it('lets a single webhook pass that is delivered by hand, whose answer counts', async () => {
  const id = await publisher.subscribe();
  await publisher.control('POST', '/webhooks/pause');
  await publisher.control('PATCH', '/settings', { autoAcceptMs: 60_000 }); // a refusal is in time however busy the machine is
  publisher.answer = () => 400;
  const { body } = await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
  const delivered = await publisher.control('POST', `/webhooks/${body.operationId}/deliver`);
  expect(delivered).toMatchObject({ status: 200, body: { kind: 'genuine', operationId: body.operationId, verdict: 'refused' } });
  expect(await publisher.settled(id, body.operationId)).toMatchObject({ status: 'Failed', settledBy: 'answer' });
  expect(await publisher.control('POST', `/webhooks/${body.operationId}/deliver`)).toMatchObject({
    status: 404,
    body: { error: expect.any(String) },
  });
  expect((await waiting()).pausedSince).not.toBeNull();
});

it('outlasts a crash, with what has gathered, and ends with a reset', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'emulator-'));
  const before = await Publisher.start({ dataDir: join(folder, 'data') });
  await before.control('POST', '/webhooks/pause');
  for (let bought = 0; bought < 3; bought++) await before.buy({ autoActivate: true });
  cpSync(join(folder, 'data'), join(folder, 'crashed'), { recursive: true });
  const after = await Publisher.start({ dataDir: join(folder, 'crashed') });
  expect((await after.control('GET', '/webhooks')).body).toMatchObject({ pausedSince: expect.any(String), total: 3 });
  expect(after.received).toEqual([]);
  await after.control('POST', '/webhooks/resume');
  await after.webhooks(3);
  await after.control('POST', '/webhooks/pause');
  await after.control('POST', '/reset');
  expect((await after.control('GET', '/webhooks')).body).toMatchObject({ pausedSince: null, total: 0 });
  await before.stop();
  await after.stop();
  rmSync(folder, { recursive: true });
});

it.each([
  [{ order: 'backwards' }, 'order'],
  [{ seed: 3 }, 'seed'],
  [{ order: 'shuffled', seed: -1 }, 'seed'],
  [{ speed: 9 }, 'speed'],
])('answers 400 to resume %j', async (body, field) => {
  expect(await publisher.control('POST', '/webhooks/resume', body)).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining(field) },
  });
});
