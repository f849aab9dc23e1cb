import { Publisher, tokenIn, until } from '../testing/publisher';

let publisher: Publisher;

beforeEach(async () => {
  publisher = await Publisher.start({ settings: { webhookTimeoutMs: 5_000, autoAcceptMs: 60_000 } });
});

afterEach(() => publisher.stop());

const breaches = async (query = '') => (await publisher.control('GET', `/breaches${query}`)).body.breaches;

const withId = () => ({ 'x-ms-requestid': crypto.randomUUID() });
const operationPath = (id: string, operationId: string) => `/saas/subscriptions/${id}/operations/${operationId}`;

async function changePlan(id: string): Promise<string> {
  return (await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' })).body.operationId;
}

/** As a publisher that does everything right, each step with an id of its own. */
async function bought(): Promise<string> {
  const { subscriptionId, landingUrl } = (await publisher.control('POST', '/purchases')).body;
  await publisher.api('POST', '/saas/subscriptions/resolve', undefined, { 'x-ms-marketplace-token': tokenIn(landingUrl), ...withId() });
  await publisher.api('POST', `/saas/subscriptions/${subscriptionId}/activate`, undefined, withId());
  await publisher.untilStatus(subscriptionId, 'Subscribed');
  return subscriptionId;
}

it('finds no breach of a publisher that does everything right', async () => {
  const id = await bought();
  const operationId = await changePlan(id);
  await publisher.webhooks(1);
  await publisher.api('GET', operationPath(id, operationId), undefined, withId());
  expect((await publisher.api('PATCH', operationPath(id, operationId), { status: 'Success' }, withId())).status).toBe(200);
  await publisher.api('GET', `/saas/subscriptions/${id}`, undefined, withId());
  expect(await publisher.control('GET', '/breaches')).toMatchObject({
    status: 200,
    body: { breaches: [], counts: { breach: 0, advice: 0, byRule: {} } },
  });
});

it('finds Activate without Resolve, and nothing wrong with calls without an x-ms-requestid', async () => {
  const id = await publisher.subscribe();
  const found = await breaches(`?subscriptionId=${id}`);
  expect(found).toHaveLength(1);
  expect(found).toContainEqual(
    expect.objectContaining({ rule: 'activate-without-resolve', section: '3.4, 5.5', severity: 'breach', subscriptionId: id, times: 1 }),
  );
});

it('finds a PATCH on which the answer to the webhook waits, every time', async () => {
  const ids = await Promise.all(Array.from({ length: 5 }, bought));
  publisher.answer = async ({ id, subscriptionId }) => {
    await publisher.api('GET', operationPath(subscriptionId, id), undefined, withId());
    await publisher.api('PATCH', operationPath(subscriptionId, id), { status: 'Success' }, withId());
    return 200;
  };
  for (const id of ids) await publisher.settled(id, await changePlan(id));
  expect(await breaches()).toMatchObject(ids.map((id) => ({ rule: 'patch-before-answer', severity: 'breach', subscriptionId: id })));
});

it('finds no such PATCH where the answer comes in the same moment: which of the two was sent first is not known', async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, bought));
  publisher.answer = async ({ id, subscriptionId }) => {
    await publisher.api('GET', operationPath(subscriptionId, id), undefined, withId());
    const patched = publisher.api('PATCH', operationPath(subscriptionId, id), { status: 'Success' }, withId());
    void patched.then(({ status }) => statuses.push(status));
    await new Promise((resolve) => setTimeout(resolve, 5));
    return 200;
  };
  const statuses: number[] = [];
  await Promise.all(ids.map(async (id) => publisher.settled(id, await changePlan(id))));
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(await breaches()).toEqual([]);
});

it('finds a PATCH of an operation that was never read', async () => {
  const id = await bought();
  const operationId = await changePlan(id);
  await publisher.webhooks(1);
  await publisher.api('PATCH', operationPath(id, operationId), { status: 'Success' }, withId());
  expect(await breaches()).toMatchObject([{ rule: 'change-not-verified', severity: 'breach', subscriptionId: id, operationId }]);
});

it('finds a genuine webhook that is turned away by a publisher that has the key, and news that are refused', async () => {
  const { authorityUrl, tenantId } = publisher.emulator;
  await fetch(`${authorityUrl}/${tenantId}/discovery/v2.0/keys`);
  const [one, other] = [await bought(), await bought()];
  publisher.answer = ({ subscriptionId }) => (subscriptionId === one ? 401 : 404);
  for (const id of [one, other]) await publisher.control('POST', `/subscriptions/${id}/suspend`);
  await publisher.webhooks(2);
  await until('both found', async () => (await breaches('?severity=breach')).length === 2);
  expect(await breaches(`?subscriptionId=${one}`)).toMatchObject([{ rule: 'genuine-turned-away', severity: 'breach' }]);
  expect(await breaches(`?subscriptionId=${other}`)).toMatchObject([{ rule: 'news-refused', deliveryId: expect.any(String) }]);
});

it('finds a publisher that accepts a forged webhook, and none that refuses it', async () => {
  const id = await bought();
  await publisher.control('POST', `/subscriptions/${id}/suspend`);
  await publisher.webhooks(1);
  await until('recorded', async () => (await publisher.control('GET', `/deliveries?subscriptionId=${id}`)).body.deliveries.length > 0);
  const [{ id: deliveryId }] = (await publisher.control('GET', `/deliveries?subscriptionId=${id}`)).body.deliveries;
  publisher.answer = () => 401;
  await publisher.control('POST', `/deliveries/${deliveryId}/redeliver`, { badToken: 'alg-none' });
  expect(await breaches('?severity=breach')).toEqual([]);
  publisher.answer = () => 200;
  await publisher.control('POST', `/deliveries/${deliveryId}/redeliver`, { badToken: 'alg-none' });
  expect(await breaches('?severity=breach')).toMatchObject([{ rule: 'forgery-believed', detail: expect.stringContaining('alg-none') }]);
});

it('counts what happens again, lists it by rule and severity, and clears it on request', async () => {
  await publisher.subscribe();
  await publisher.subscribe();
  const unversioned = () => publisher.api('GET', `${publisher.emulator.apiUrl}/saas/subscriptions`);
  await unversioned();
  await unversioned();
  expect(await breaches('?rule=api-version')).toMatchObject([{ times: 2 }]);
  expect(await breaches('?rule=activate-without-resolve')).toMatchObject([
    { rule: 'activate-without-resolve' },
    { rule: 'activate-without-resolve' },
  ]);
  expect(await breaches('?limit=1')).toHaveLength(1);
  expect((await publisher.control('GET', '/breaches')).body.counts).toEqual({
    breach: 4,
    advice: 0,
    byRule: { 'activate-without-resolve': 2, 'api-version': 2 },
  });
  expect((await publisher.control('DELETE', '/breaches')).status).toBe(200);
  expect(await breaches()).toEqual([]);
});

it('counts for each subscription where one is asked for, and quotes the call as Microsoft documents it, however it was spelled', async () => {
  const [one, other] = [await bought(), await bought()];
  const ask = (id: string) =>
    publisher.api('GET', `${publisher.emulator.apiUrl}//SAAS/subscriptions/${id.toUpperCase()}/listavailableplans/`, undefined, withId());
  for (const id of [one, other, one]) expect((await ask(id)).status).toBe(400); // without a version
  expect(await breaches()).toMatchObject([{ rule: 'api-version', times: 3, subscriptionId: one }]);
  expect(await breaches(`?subscriptionId=${one}`)).toMatchObject([{ times: 2, subscriptionId: one }]);
  expect(await breaches(`?subscriptionId=${other}`)).toMatchObject([
    { times: 1, subscriptionId: other, detail: expect.stringContaining(`GET /api/saas/subscriptions/${other}/listAvailablePlans `) },
  ]);
});

it('names its rules, and answers 400 for one that it does not know', async () => {
  const { rules } = (await publisher.control('GET', '/breaches/rules')).body;
  expect(rules).toContainEqual({
    rule: 'late-answer',
    section: '4.4',
    severity: 'breach',
    title: expect.any(String),
    asks: expect.any(String),
  });
  expect(await publisher.control('GET', '/breaches?rule=kindness')).toMatchObject({ status: 400, body: { problems: [{ field: 'rule' }] } });
});

it('is empty after a reset', async () => {
  const { landingUrl, subscriptionId } = (await publisher.control('POST', '/purchases')).body;
  await publisher.api('POST', '/saas/subscriptions/resolve', undefined, { 'x-ms-marketplace-token': tokenIn(landingUrl) });
  await publisher.control('POST', '/reset');
  expect(await breaches()).toEqual([]);
  await publisher.api('POST', `/saas/subscriptions/${subscriptionId}/activate`, undefined, withId()); // gone
  expect(await breaches()).toEqual([]);
});

it('shows no token', async () => {
  await publisher.subscribe();
  const shown = JSON.stringify(await breaches());
  expect(shown).toContain('activate-without-resolve');
  for (const secret of ['eyJ', publisher.emulator.clientSecret]) expect(shown).not.toContain(secret);
});
