import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limits } from '../../limits';
import { Publisher } from '../../testing/publisher';

const unavailable = { effect: 'status', status: 503 };
let publisher: Publisher;

beforeAll(async () => {
  publisher = await Publisher.start();
});

afterEach(() => publisher.control('POST', '/reset'));
afterAll(() => publisher.stop());

const list = async (at = publisher) => (await at.control('GET', '/faults')).body.faults;

it('shows of a fault what was requested, what was chosen for it and what it did', async () => {
  const { status, body } = await publisher.control('POST', '/faults', {
    name: 'an outage',
    on: { surface: 'identity', method: 'post' },
    when: { count: 3, probability: 0.5 },
    do: unavailable,
  });
  expect(status).toBe(201);
  expect(body).toEqual({
    id: expect.any(String),
    name: 'an outage',
    on: { surface: ['identity'], method: ['POST'] },
    when: { skip: 0, count: 3, probability: 0.5, per: 'match', seed: expect.any(Number), from: null, until: null, beforeAuth: false },
    also: false,
    ofProfile: false,
    do: [unavailable],
    created: expect.any(String),
    matched: 0,
    fired: 0,
    remaining: 3,
  });
  expect((await publisher.control('GET', `/faults/${body.id}`)).body).toEqual(body);
  expect(await list()).toEqual([body]);
});

it('removes one, or all', async () => {
  const [one, other] = [await publisher.fault({ do: unavailable }), await publisher.fault({ do: unavailable })];
  expect((await publisher.control('DELETE', `/faults/${one}`)).body).toMatchObject({ id: one });
  expect(await list()).toMatchObject([{ id: other }]);
  expect((await publisher.control('DELETE', '/faults')).body).toEqual({ removed: 1 });
  expect(await list()).toEqual([]);
  expect((await publisher.control('GET', `/faults/${one}`)).status).toBe(404);
  expect((await publisher.api('GET', '/saas/subscriptions')).status).toBe(200);
});

it('answers what is wrong with a fault, field by field', async () => {
  const { status, body } = await publisher.control('POST', '/faults', { on: { route: 'everything' }, do: { effect: 'hang', ms: -1 } });
  expect(status).toBe(400);
  expect(body.problems.map(({ field }: { field: string }) => field).sort()).toEqual(['do.0.ms', 'on.route.0']);
  expect((await publisher.control('POST', '/faults', { on: { route: 'jwks' }, do: { effect: 'staleRead', age: 'PT1S' } })).body.error).toBe(
    'on.route: staleRead does not happen to jwks, only to getSubscription, listSubscriptions, getOperation, listOperations',
  );
});

it('keeps a bounded number', async () => {
  await Promise.all(Array.from({ length: limits.faultRules }, () => publisher.fault({ on: { route: 'me' }, do: unavailable })));
  const { status, body } = await publisher.control('POST', '/faults', { do: unavailable });
  expect([status, body.error]).toEqual([409, expect.stringContaining(`${limits.faultRules} faults`)]);
});

it('follows the business clock', async () => {
  await publisher.fault({ on: { route: 'listSubscriptions' }, when: { from: 'P1D', until: 'P2D' }, do: unavailable });
  const statuses = [];
  for (let day = 0; day < 3; day++) {
    statuses.push((await publisher.api('GET', '/saas/subscriptions')).status);
    await publisher.control('POST', '/clock/advance', { duration: 'P1D' });
  }
  expect(statuses).toEqual([200, 503, 200]);
});

it('forgets all of them with a reset', async () => {
  await publisher.fault({ do: unavailable });
  await publisher.control('POST', '/reset');
  expect(await list()).toEqual([]);
  expect((await publisher.api('GET', '/saas/subscriptions')).status).toBe(200);
});

it('outlives the process with what it has counted; one that has fired for the last time never fires again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'emulator-'));
  const before = await Publisher.start({ dataDir: join(folder, 'data') });
  await before.fault({ on: { route: 'listSubscriptions' }, when: { count: 1 }, do: unavailable });
  await before.fault({ on: { route: 'getSubscription' }, when: { count: 3 }, do: unavailable });
  await before.api('GET', '/saas/subscriptions');
  await before.api('GET', `/saas/subscriptions/${randomUUID()}`);
  cpSync(join(folder, 'data'), join(folder, 'crashed'), { recursive: true });
  await before.stop();

  const afterCrash = await Publisher.start({ dataDir: join(folder, 'crashed') });
  expect(await list(afterCrash)).toMatchObject([{ fired: 1, remaining: 0 }, { when: { count: 3 } }]);
  expect((await afterCrash.api('GET', '/saas/subscriptions')).status).toBe(200);
  await afterCrash.stop();

  const afterStop = await Publisher.start({ dataDir: join(folder, 'data') });
  expect(await list(afterStop)).toMatchObject([
    { fired: 1, remaining: 0 },
    { matched: 1, fired: 1, remaining: 2 },
  ]);
  await afterStop.stop();
  rmSync(folder, { recursive: true });
});
