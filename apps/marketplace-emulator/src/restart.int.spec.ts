import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulator } from './emulator';
import { Publisher, until } from './testing/publisher';

let folder: string;
const running: Publisher[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'emulator-'));
});

afterEach(async () => {
  for (const publisher of running.splice(0)) await publisher.stop();
  rmSync(folder, { recursive: true });
});

async function start(dataDir = join(folder, 'data'), settings = {}): Promise<Publisher> {
  const publisher = await Publisher.start({ dataDir, settings });
  running.push(publisher);
  return publisher;
}

/** What is on the disk at this very moment, as after a SIGKILL: nothing was closed or written in addition. */
async function afterACrash(settings = {}): Promise<Publisher> {
  cpSync(join(folder, 'data'), join(folder, 'crashed'), { recursive: true });
  return start(join(folder, 'crashed'), settings);
}

it('lets nobody but its owner read what it keeps, also in a folder and a file that were open before', async () => {
  const rights = (path: string) => (statSync(path).mode & 0o777).toString(8);
  const open = join(folder, 'open');
  mkdirSync(open);
  writeFileSync(join(open, 'emulator.sqlite'), '');
  for (const path of [open, join(open, 'emulator.sqlite')]) chmodSync(path, 0o777);
  for (const dataDir of [join(folder, 'data'), open]) {
    await (await start(dataDir)).buy();
    const files = readdirSync(dataDir);
    expect([rights(dataDir), ...files.map((name) => rights(join(dataDir, name)))]).toEqual(['700', ...files.map(() => '600')]);
  }
});

it('leaves the rights of a folder alone that holds other things too', async () => {
  const shared = join(folder, 'shared');
  mkdirSync(shared);
  chmodSync(shared, 0o755);
  writeFileSync(join(shared, 'other.txt'), '');
  await start(shared);
  expect((statSync(shared).mode & 0o777).toString(8)).toBe('755');
  expect((statSync(join(shared, 'emulator.sqlite')).mode & 0o777).toString(8)).toBe('600');
});

it('keeps who and what there is: keys, secrets, people, settings, subscriptions', async () => {
  const before = await start();
  const id = await before.subscribe({ quantity: 3, beneficiary: { emailId: 'zoe@tailspin.example' } });
  await before.control('PATCH', '/settings', { webhookTokenVersion: 'v1' });
  const people = (await before.control('GET', '/people')).body;
  const truth = await before.truth(id);

  const after = await afterACrash();
  expect(after.emulator.clientSecret).toBe(before.emulator.clientSecret);
  expect((await after.control('GET', '/people')).body).toEqual(people);
  expect((await after.control('GET', '/settings')).body.webhookTokenVersion).toBe('v1');
  expect(await after.truth(id)).toEqual(truth);
});

it('completes an activation that was under way', async () => {
  const before = await start(undefined, { activationDelayMs: 60_000 });
  const id = await before.buy();
  await before.api('POST', `/saas/subscriptions/${id}/activate`);
  const after = await afterACrash();
  expect((await after.truth(id)).saasSubscriptionStatus).toBe('PendingFulfillmentStart');
  await after.control('POST', '/clock/advance', { duration: 'PT1M' });
  await after.untilStatus(id, 'Subscribed');
});

it('continues the ten seconds of a change in the middle, without sending the webhook again', async () => {
  const before = await start(undefined, { autoAcceptMs: 60_000 });
  const id = await before.subscribe();
  const { body } = await before.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
  await until('delivered', async () => !(await before.truth(id)).operations[0].webhookWaits);

  const after = await afterACrash();
  expect(await after.truth(id)).toMatchObject({ planId: 'silver', pendingOperationId: body.operationId });
  expect((await after.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'platinum' })).status).toBe(409);
  await after.control('POST', '/clock/advance', { duration: 'PT1M' });
  expect(await after.settled(id, body.operationId)).toMatchObject({ status: 'Succeeded', settledBy: 'ten-seconds' });
  expect(await after.truth(id)).toMatchObject({ planId: 'gold', pendingOperationId: null });
  expect(after.received).toEqual([]);
});

it('starts an operation of the publisher that had not started yet', async () => {
  const before = await start(undefined, { operationStartDelayMs: 60_000 });
  const id = await before.subscribe();
  await before.api('DELETE', `/saas/subscriptions/${id}`);
  const after = await afterACrash();
  await after.control('POST', '/clock/advance', { duration: 'PT1M' });
  const [webhook] = await after.webhooks(1);
  expect(webhook?.body).toMatchObject({ action: 'Unsubscribe', operationRequestSource: 'Partner' });
});

it('sends a webhook again that nobody had received: one that waited for its next try, and one that was on its way', async () => {
  const before = await start(undefined, { retryDelaysMs: [60_000], webhookTimeoutMs: 30_000 });
  const [waiting, underWay] = [await before.subscribe(), await before.subscribe()];
  before.answer = ({ subscriptionId }) => (subscriptionId === waiting ? 500 : 'hang');
  await before.control('POST', `/subscriptions/${waiting}/suspend`);
  await before.control('POST', `/subscriptions/${underWay}/suspend`);
  await before.webhooks(2);
  await until('a first try', async () => (await before.control('GET', '/deliveries')).body.deliveries.length === 1);

  const after = await afterACrash();
  await after.webhooks(1, ({ body }) => body.subscriptionId === underWay);
  const { operations } = await after.truth(waiting);
  expect(operations).toMatchObject([{ action: 'Suspend', webhookWaits: true }]); // its next try is due in a minute
});

it('keeps business time, and starts where it would be by now', async () => {
  const before = await start();
  await before.control('POST', '/clock/advance', { duration: 'P40D' });
  const { offsetMs, now } = (await before.control('GET', '/clock')).body;
  const after = await afterACrash();
  const clock = (await after.control('GET', '/clock')).body;
  expect(clock.offsetMs).toBe(offsetMs);
  expect(Date.parse(clock.now)).toBeGreaterThanOrEqual(Date.parse(now));
});

it('fails with a clear message when another emulator uses the data directory', async () => {
  await start();
  await expect(startEmulator({ dataDir: join(folder, 'data') })).rejects.toMatchObject({ code: 'DATA_DIRECTORY_IN_USE' });
});

it('fails with a clear message when a data directory holds something else', async () => {
  writeFileSync(join(folder, 'emulator.sqlite'), 'not a database, and long enough to be told from an empty one'.repeat(100));
  await expect(startEmulator({ dataDir: folder })).rejects.toThrow(`data directory ${folder} cannot be used`);
});
