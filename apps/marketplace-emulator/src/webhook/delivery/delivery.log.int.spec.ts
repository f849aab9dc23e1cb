import { randomUUID } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { Publisher, until } from '../../testing/publisher';

let publisher: Publisher;

beforeEach(async () => {
  publisher = await Publisher.start();
});

afterEach(() => publisher.stop());

const log = async (query = '') => (await publisher.control('GET', `/deliveries${query}`)).body.deliveries;

it('shows what was sent, and of the token header and claims but not the token', async () => {
  const id = await publisher.subscribe();
  await publisher.control('POST', `/subscriptions/${id}/suspend`);
  const [webhook] = await publisher.webhooks(1);
  await until('logged', async () => (await log()).length === 1);
  const [delivery] = await log();
  const token = webhook?.bearerToken as string;
  expect(delivery).toMatchObject({
    kind: 'genuine',
    operationId: webhook?.body.id,
    requestBody: webhook?.body,
    requestHeaders: { 'x-ms-requestid': webhook?.headers['x-ms-requestid'], 'content-type': 'application/json' },
    token: { header: decodeProtectedHeader(token), claims: decodeJwt(token) },
    answer: { status: 200 },
    verdict: 'received',
    nextTryAt: null,
  });
  expect(JSON.stringify(delivery)).not.toContain(token.split('.')[2]);
  expect((await publisher.control('GET', `/deliveries/${delivery.id}`)).body).toEqual(delivery);
  expect((await publisher.control('GET', `/deliveries/${randomUUID()}`)).status).toBe(404);
});

it('shows when a failed delivery is tried again, and that is when it happens on the clock', async () => {
  await publisher.control('PATCH', '/settings', { retryDelaysMs: [3_600_000] });
  const id = await publisher.subscribe();
  publisher.answer = () => 500;
  await publisher.control('POST', `/subscriptions/${id}/suspend`);
  await until('logged', async () => (await log()).length === 1);
  const [first] = await log();
  expect(Date.parse(first.nextTryAt) - Date.parse(first.sentAt)).toBe(3_600_000);
  expect((await publisher.control('GET', '/webhooks')).body.webhooks).toMatchObject([
    { operationId: first.operationId, attempt: 2, nextTryAt: first.nextTryAt, state: 'waiting' },
  ]);
  publisher.answer = () => 200;
  await publisher.control('POST', '/clock/advance', { duration: 'PT1H' });
  const [, second] = await log();
  expect(second).toMatchObject({ attempt: 2, verdict: 'received', nextTryAt: null });
  expect(Date.parse(second.sentAt)).toBeGreaterThanOrEqual(Date.parse(first.nextTryAt));
});

it('is filtered by subscription, operation, action, verdict and kind', async () => {
  const [one, other] = [await publisher.subscribe(), await publisher.subscribe()];
  await publisher.control('PATCH', '/settings', { autoAcceptMs: 60_000 }); // a refusal is in time however busy the machine is
  publisher.answer = ({ action }) => (action === 'ChangePlan' ? 400 : 200);
  await publisher.control('POST', `/subscriptions/${one}/suspend`);
  const { body } = await publisher.control('POST', `/subscriptions/${other}/change-plan`, { planId: 'gold' });
  await publisher.settled(other, body.operationId);
  await until('Suspend logged', async () => (await log('?action=Suspend')).length === 1);
  expect(await log(`?operationId=${body.operationId}`)).toMatchObject([
    { action: 'ChangePlan', subscriptionId: other, verdict: 'refused' },
  ]);
  expect(await log(`?verdict=refused&kind=genuine&subscriptionId=${other.toUpperCase()}`)).not.toHaveLength(0);
  expect(await log(`?verdict=refused&subscriptionId=${one}`)).toEqual([]);
  expect(await log('?kind=by-hand')).toEqual([]);
  for (const query of ['?verdict=perhaps', '?operationId=7', '?verdikt=failed', '?limit=0'])
    expect((await publisher.control('GET', `/deliveries${query}`)).status).toBe(400);
});

it('lists what waits, in pages', async () => {
  await publisher.control('POST', '/webhooks/pause');
  const ids: string[] = [];
  for (let bought = 0; bought < 3; bought++) ids.push(await publisher.buy({ autoActivate: true }));
  const page = async (query: string) => (await publisher.control('GET', `/webhooks${query}`)).body;
  const first = await page('?limit=2');
  const second = await page(`?limit=2&from=${first.next}`);
  expect([...first.webhooks, ...second.webhooks].map(({ subscriptionId }) => subscriptionId)).toEqual(ids);
  expect([first.total, second.next]).toEqual([3, null]);
  expect((await page(`?subscriptionId=${ids[1]}`)).webhooks).toHaveLength(1);
  expect((await page('?action=Renew')).webhooks).toEqual([]);
});

it('keeps a waiting webhook apart from one that is on its way: that cannot be sent by hand at the same time', async () => {
  const id = await publisher.subscribe();
  await publisher.control('PATCH', '/settings', { webhookTimeoutMs: 60_000 });
  publisher.answer = () => 'hang';
  const { body } = await publisher.control('POST', `/subscriptions/${id}/suspend`);
  await publisher.webhooks(1);
  expect((await publisher.control('GET', '/webhooks')).body.webhooks).toMatchObject([{ state: 'under-way' }]);
  expect((await publisher.control('POST', `/webhooks/${body.operationId}/deliver`)).status).toBe(409);
});

it('breaks a hanging delivery off with a reset, so that the end of the emulator waits for nothing', async () => {
  const id = await publisher.subscribe();
  await publisher.control('PATCH', '/settings', { webhookTimeoutMs: 60_000 });
  publisher.answer = () => 'hang';
  await publisher.control('POST', `/subscriptions/${id}/suspend`);
  const [webhook] = await publisher.webhooks(1);
  const closed = new Promise((resolve) => webhook?.connection.once('close', resolve));
  await publisher.control('POST', '/reset');
  await closed;
  expect(await log()).toEqual([]);
});
