import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limits } from '../../limits';
import { Publisher, until, type ApiAnswer } from '../../testing/publisher';

const running: Publisher[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'snapshots-'));
});

afterEach(async () => {
  for (const publisher of running.splice(0)) await publisher.stop();
  rmSync(folder, { recursive: true });
});

async function start(options: Parameters<typeof Publisher.start>[0] = {}): Promise<Publisher> {
  const publisher = await Publisher.start(options);
  running.push(publisher);
  return publisher;
}

async function take(publisher: Publisher, name: string): Promise<ApiAnswer['body']> {
  const { status, body } = await publisher.control('POST', '/snapshots', { name });
  expect([status, body.name]).toEqual([201, name]);
  return body;
}

async function restore(publisher: Publisher, name: string): Promise<void> {
  expect((await publisher.control('POST', `/snapshots/${name}/restore`)).status).toBe(200);
}

async function whatThereIs(publisher: Publisher) {
  const { subscriptions } = (await publisher.control('GET', '/subscriptions')).body;
  const truths = await Promise.all(subscriptions.map(({ id }: { id: string }) => publisher.truth(id)));
  const others = ['/people', '/settings'].map(async (path) => (await publisher.control('GET', path)).body);
  return [truths, await Promise.all(others)];
}

describe.each(['memory', 'a file'])('a snapshot kept in %s', (where) => {
  const options = () => (where === 'memory' ? {} : { dataDir: join(folder, 'data') });

  it('brings back everything: subscriptions in their order, operations, people, settings', async () => {
    const publisher = await start(options());
    const [first] = [await publisher.subscribe({ beneficiary: { emailId: 'zoe@tailspin.example' } }), await publisher.buy()];
    await publisher.control('POST', `/subscriptions/${first}/suspend`);
    await until('delivered', async () => !(await publisher.truth(first)).operations[0].webhookWaits);
    await publisher.control('PATCH', '/settings', { webhookTokenVersion: 'v1' });
    const then = await whatThereIs(publisher);
    const { documents } = await take(publisher, 'then');
    expect(documents).toMatchObject({ subscription: 2, operation: 1, settings: 1 });

    await publisher.control('POST', `/subscriptions/${first}/unsubscribe`);
    await publisher.control('PATCH', '/settings', { webhookTokenVersion: 'v2', autoAcceptMs: 5 });
    await publisher.subscribe({ beneficiary: { emailId: 'ugo@tailspin.example' } });
    await restore(publisher, 'then');
    expect(await whatThereIs(publisher)).toEqual(then);
    expect((await publisher.control('GET', '/deliveries')).body).toEqual({ deliveries: [] });

    await publisher.control('POST', '/reset');
    await restore(publisher, 'then');
    expect(await whatThereIs(publisher)).toEqual(then);
    const third = await publisher.buy();
    const { subscriptions } = (await publisher.control('GET', '/subscriptions')).body;
    expect(subscriptions.map(({ id }: { id: string }) => id).indexOf(third)).toBe(2);
  });

  it('continues what it found in the middle: the ten seconds of a change, and a webhook that was on its way', async () => {
    const publisher = await start({ ...options(), settings: { autoAcceptMs: 500, webhookTimeoutMs: 5_000 } });
    const [counting, underWay] = [await publisher.subscribe(), await publisher.subscribe()];
    await publisher.control('POST', `/subscriptions/${counting}/change-plan`, { planId: 'gold' });
    await until('received', async () => !(await publisher.truth(counting)).operations[0].webhookWaits);
    let refuse: (status: number) => void = () => {};
    publisher.answer = () => new Promise<number>((resolve) => (refuse = resolve));
    const { body } = await publisher.control('POST', `/subscriptions/${underWay}/change-plan`, { planId: 'gold' });
    await publisher.webhooks(2);
    await take(publisher, 'middle');
    await until('the end of the ten seconds', async () => (await publisher.truth(counting)).planId === 'gold');

    publisher.answer = () => 200;
    await restore(publisher, 'middle');
    expect(await publisher.truth(counting)).toMatchObject({ planId: 'silver', operations: [{ status: 'InProgress', settledBy: null }] });
    expect((await publisher.webhooks(3)).map((webhook) => webhook.body.subscriptionId)).toEqual([counting, underWay, underWay]);
    refuse(400); // the answer to the delivery of before belongs to what is gone
    await until('the end of the ten seconds', async () => (await publisher.truth(counting)).planId === 'gold');
    expect(await publisher.settled(underWay, body.operationId)).toMatchObject({ status: 'Succeeded', settledBy: 'ten-seconds' });
    expect(publisher.received).toHaveLength(3);
  });

  it('gives way to one of the same name, and goes when it is deleted', async () => {
    const publisher = await start(options());
    await take(publisher, 'a');
    await publisher.buy();
    await take(publisher, 'a');
    expect((await publisher.control('GET', '/snapshots')).body.snapshots).toMatchObject([{ name: 'a', documents: { subscription: 1 } }]);
    await publisher.control('POST', '/reset');
    await restore(publisher, 'a');
    expect((await publisher.control('GET', '/subscriptions')).body.subscriptions).toHaveLength(1);
    expect((await publisher.control('DELETE', '/snapshots/a')).status).toBe(204);
    expect((await publisher.control('GET', '/snapshots')).body).toEqual({ snapshots: [] });
    for (const [method, path] of [
      ['POST', '/restore'],
      ['DELETE', ''],
      ['GET', ''],
    ] as const) {
      const { status, body } = await publisher.control(method, `/snapshots/a${path}`);
      expect([status, body]).toEqual([404, { error: 'There is no snapshot a; GET /control/snapshots lists what there is.' }]);
    }
  });
});

it('keeps snapshots over a restart', async () => {
  const before = await start({ dataDir: folder });
  const id = await before.subscribe({ quantity: 7 });
  await take(before, 'kept');
  await before.control('POST', '/reset');
  await running.splice(0)[0]?.stop();
  const after = await start({ dataDir: folder });
  expect((await after.control('GET', '/subscriptions')).body.subscriptions).toEqual([]);
  await restore(after, 'kept');
  expect(await after.truth(id)).toMatchObject({ quantity: 7, saasSubscriptionStatus: 'Subscribed' });
});

it('leaves the addresses of the publisher as they are, since those are no part of the past', async () => {
  const publisher = await start();
  await publisher.control('PATCH', '/settings', { landingUrl: 'http://then.example/', maxRetries: 7 });
  await take(publisher, 'then');
  await publisher.control('PATCH', '/settings', {
    landingUrl: 'http://now.example/',
    webhookUrl: 'http://now.example/webhook',
    maxRetries: 8,
  });
  await restore(publisher, 'then');
  expect((await publisher.control('GET', '/settings')).body).toMatchObject({
    landingUrl: 'http://now.example/',
    webhookUrl: 'http://now.example/webhook',
    maxRetries: 7,
  });
});

it('lets business time go on from where it stood, so that nothing runs out because the snapshot is old', async () => {
  const publisher = await start({ settings: { autoAcceptMs: 60_000 } });
  const id = await publisher.subscribe();
  const { body } = await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
  await until('received', async () => !(await publisher.truth(id)).operations[0].webhookWaits);
  await take(publisher, 'then');
  const file = (await publisher.control('GET', '/snapshots/then')).body;
  await publisher.control('POST', '/clock/advance', { duration: 'P40D' });
  expect((await publisher.settled(id, body.operationId)).settledBy).toBe('ten-seconds');

  await restore(publisher, 'then');
  const { now } = (await publisher.control('GET', '/clock')).body;
  expect(Date.parse(now) - Date.parse(file.takenAt)).toBeLessThan(10_000);
  expect(await publisher.truth(id)).toMatchObject({ pendingOperationId: body.operationId, operations: [{ status: 'InProgress' }] });

  const anHourAgo = new Date(Date.now() - 3_600_000).toISOString();
  await publisher.control('PUT', '/snapshots/older', { ...file, takenAt: anHourAgo });
  await restore(publisher, 'older');
  const { offsetMs } = (await publisher.control('GET', '/clock')).body;
  expect(offsetMs).toBeLessThan(-3_590_000);
  await publisher.control('POST', '/clock/advance', { duration: 'PT2H' });
  expect((await publisher.settled(id, body.operationId)).settledBy).toBe('ten-seconds');
});

describe('a snapshot as a file', () => {
  it('carries a state to another emulator, which has keys and secrets of its own', async () => {
    const here = await start({ settings: { autoAcceptMs: 60_000 } });
    const id = await here.subscribe({ name: 'Zoë’s “team”\u2028' });
    await here.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
    await until('received', async () => !(await here.truth(id)).operations[0].webhookWaits);
    await take(here, 'carried');
    const { headers, body } = await here.control('GET', '/snapshots/carried');
    expect(headers.get('content-type')).toContain('application/json');
    expect(Object.keys(body.documents)).not.toContain('key');
    expect(JSON.stringify(body)).not.toContain(here.emulator.clientSecret);

    const there = await start();
    const uploaded = await there.control('PUT', '/snapshots/brought', body);
    expect([uploaded.status, uploaded.body.name, uploaded.body.takenAt]).toEqual([201, 'brought', body.takenAt]);
    await restore(there, 'brought');
    expect(await there.truth(id)).toEqual(await here.truth(id));
    expect((await there.api('GET', `/saas/subscriptions/${id}`)).status).toBe(200);
    expect((await there.truth(id)).planId).toBe('silver');
    await there.control('POST', '/clock/advance', { duration: 'PT1M' });
    expect((await there.truth(id)).planId).toBe('gold'); // the ten seconds that began at the other one
  });

  it.each([
    ['of another program', { format: 'x', version: 1, takenAt: '2026-01-01T00:00:00Z', documents: {} }, 'format'],
    [
      'of another version',
      { format: 'marketplace-emulator-snapshot', version: 99, takenAt: '2026-01-01T00:00:00Z', documents: {} },
      'version',
    ],
    [
      'of a kind that is not known',
      { format: 'marketplace-emulator-snapshot', version: 1, takenAt: '2026-01-01T00:00:00Z', documents: { key: [] } },
      'documents.key',
    ],
    [
      'with a document without an id',
      { format: 'marketplace-emulator-snapshot', version: 1, takenAt: '2026-01-01T00:00:00Z', documents: { timer: [{ id: 7 }] } },
      'documents.timer.0.id',
    ],
    ['that is none', [], '(body)'],
  ])('is refused by a sentence: one %s', async (_which, file, field) => {
    const publisher = await start();
    const { status, body } = await publisher.control('PUT', '/snapshots/bad', file);
    expect([status, body.problems[0].field]).toEqual([400, field]);
    expect((await publisher.control('GET', '/snapshots')).body).toEqual({ snapshots: [] });
  });

  it.each([[[4_000_000_000]], [[-1]], [[0.5]], [[undefined]], [[0, 0]]])(
    'is refused with subscriptions at the positions %j',
    async (positions) => {
      const publisher = await start();
      const documents = { subscription: positions.map((position, index) => ({ id: `${index}`, position })) };
      const file = { format: 'marketplace-emulator-snapshot', version: 1, takenAt: '2026-01-01T00:00:00Z', documents };
      const { status, body } = await publisher.control('PUT', '/snapshots/bad', file);
      expect([status, body.problems[0].field]).toEqual([400, 'documents.subscription']);
    },
  );

  it('may be longer than other bodies, and not longer than its own limit', async () => {
    const publisher = await start();
    const file = { format: 'marketplace-emulator-snapshot', version: 1, takenAt: '2026-01-01T00:00:00Z', documents: {} };
    const padded = (bytes: number) => `${JSON.stringify(file)}${' '.repeat(bytes)}`;
    expect((await publisher.control('PUT', '/snapshots/long', padded(2 * limits.readBodyBytes))).status).toBe(201);
    expect((await publisher.control('PUT', '/snapshots/longer', padded(limits.snapshotUploadBytes))).status).toBe(413);
  });
});

it('refuses a bad name, and one snapshot more than are kept', async () => {
  const publisher = await start();
  for (const name of ['', '../up', 'a b', 'x'.repeat(65), 7]) {
    expect((await publisher.control('POST', '/snapshots', { name })).body.problems).toMatchObject([{ field: 'name' }]);
  }
  for (let number = 0; number < limits.snapshots; number++) await take(publisher, `number-${number}`);
  const { status, body } = await publisher.control('POST', '/snapshots', { name: 'another' });
  expect([status, body.error]).toEqual([
    409,
    `There are ${limits.snapshots} snapshots already, which is as many as are kept; delete one first.`,
  ]);
  await take(publisher, 'number-1');
});
