import { Publisher, until } from '../testing/publisher';

let publisher: Publisher;
let id: string;

beforeAll(async () => {
  publisher = await Publisher.start();
  id = await publisher.buy();
});

afterEach(() => publisher.control('DELETE', '/faults'));
afterAll(() => publisher.stop());

const read = () => publisher.api('GET', `/saas/subscriptions/${id}`);

/** What fetch throws when there is no whole answer. */
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => 'answered',
    (error: Error & { cause?: { code?: string } }) => error.cause?.code ?? error.message,
  );

const keys = '/common/discovery/v2.0/keys';

describe('status', () => {
  it('answers as the rule defines, as often as the rule defines, and counts it', async () => {
    const rule = await publisher.fault({
      on: { route: 'getSubscription' },
      when: { count: 2 },
      do: { effect: 'status', status: 429, retryAfter: 7, headers: { 'x-extra': 'yes' } },
    });
    const first = await read();
    expect(first).toMatchObject({ status: 429, body: { error: { code: 'TooManyRequests' } } });
    expect(['retry-after', 'x-extra', 'x-ms-requestid'].map((name) => first.headers.get(name))).toEqual(['7', 'yes', expect.any(String)]);
    expect([(await read()).status, (await read()).status]).toEqual([429, 200]);
    expect((await publisher.control('GET', `/faults/${rule}`)).body).toMatchObject({ matched: 3, fired: 2, remaining: 0 });
  });

  it.each([
    [400, { code: 'BadArgument' }],
    [401, { code: 'Unauthorized' }],
    [403, expect.stringContaining('authorization token')],
    [404, { code: 'EntityNotFound' }],
    [409, { code: 'Conflict' }],
    [500, { error: { code: 'InternalServerError' } }],
    [503, { error: { code: 'ServiceUnavailable' } }],
  ])('writes %d as the service is seen to', async (status, body) => {
    await publisher.fault({ do: { effect: 'status', status } });
    const answer = await read();
    expect(answer.status).toBe(status);
    if (typeof answer.body === 'string') expect(answer.body).toEqual(body);
    else expect(answer.body).toMatchObject(body);
  });

  it.each([
    [{ body: { any: ['thing'] } }, 'application/json; charset=utf-8', '{"any":["thing"]}'],
    [{ body: 'plain', headers: { 'Content-Type': 'text/plain' } }, 'text/plain', 'plain'],
    [{ body: null }, 'application/json; charset=utf-8', 'null'],
    [{ body: '' }, 'application/json; charset=utf-8', ''],
    [{ retryAfter: 'soon' }, null, ''],
  ])('answers 200 with %j', async (answer, contentType, body) => {
    await publisher.fault({ do: { effect: 'status', status: 200, ...answer } });
    const response = await fetch(`${publisher.emulator.authorityUrl}${keys}`);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([200, contentType, body]);
    expect(response.headers.get('retry-after')).toBe('retryAfter' in answer ? answer.retryAfter : null);
  });

  it('speaks like Entra on the identity surface', async () => {
    await publisher.fault({ on: { surface: 'identity' }, do: { effect: 'status', status: 503 } });
    const { status, body } = await publisher.control('GET', '/faults').then(() => identity('/common/oauth2/v2.0/token', 'POST'));
    expect([status, body]).toEqual([503, expect.objectContaining({ error: 'temporarily_unavailable', error_codes: [expect.any(Number)] })]);
  });

  async function identity(path: string, method = 'GET') {
    const response = await fetch(`${publisher.emulator.authorityUrl}${path}`, { method });
    return { status: response.status, body: await response.json() };
  }
});

describe('before the work, and after it', () => {
  it.each([
    [{ effect: 'status', status: 500 }, '500'],
    [{ effect: 'html' }, '502'],
    [{ effect: 'reset' }, 'ECONNRESET'],
    [{ effect: 'hang', ms: 50 }, 'UND_ERR_SOCKET'],
  ])('%j keeps a call from the service, unless it comes after the work', async (effect, expected) => {
    const activate = (subscriptionId: string) =>
      failure(
        publisher
          .api('POST', `/saas/subscriptions/${subscriptionId}/activate`)
          .then(({ status }) => Promise.reject(new Error(String(status)))),
      );
    const [untouched, done] = [await publisher.buy(), await publisher.buy()];
    await publisher.fault({ on: { subscriptionId: untouched }, do: effect });
    await publisher.fault({ on: { subscriptionId: done }, do: { ...effect, afterWork: true } });
    const outcomes = [await activate(untouched), await activate(done)];
    expect(outcomes).toEqual([expect.stringMatching(expected), expect.stringMatching(expected)]);
    expect([(await publisher.truth(untouched)).activateCalls, (await publisher.truth(done)).activateCalls]).toEqual([0, 1]);
  });

  it('hides every trace of the work from the answer', async () => {
    const subscription = await publisher.subscribe();
    await publisher.fault({ on: { route: 'updateSubscription' }, do: { effect: 'status', status: 500, afterWork: true } });
    const { status, headers, body } = await publisher.api('PATCH', `/saas/subscriptions/${subscription}`, { planId: 'gold' });
    expect([status, headers.get('operation-location'), headers.get('operation-id'), headers.get('retry-after')]).toEqual([
      500,
      null,
      null,
      null,
    ]);
    expect(body).toMatchObject({ error: { code: 'InternalServerError' } });
    expect((await publisher.truth(subscription)).operations).toMatchObject([{ action: 'ChangePlan' }]);
  });

  it('lets a publisher that repeats a lost Activate come to one active subscription', async () => {
    const subscription = await publisher.buy();
    await publisher.fault({
      on: { route: 'activateSubscription' },
      when: { count: 1 },
      do: { effect: 'status', status: 500, afterWork: true },
    });
    const activate = () => publisher.api('POST', `/saas/subscriptions/${subscription}/activate`);
    expect([(await activate()).status, (await activate()).status]).toEqual([500, 200]);
    await publisher.untilStatus(subscription, 'Subscribed');
    const { term, activationPending, operations } = await publisher.truth(subscription);
    expect({ term, activationPending, operations }).toEqual({
      term: expect.objectContaining({ termUnit: 'P1M' }),
      activationPending: false,
      operations: [],
    });
  });
});

describe('the real answer, spoilt', () => {
  const raw = async (effect: object) => {
    const token = await read().then(() => publisher.token());
    await publisher.fault({ on: { route: 'getSubscription' }, do: effect });
    const response = await fetch(`${publisher.emulator.apiUrl}/saas/subscriptions/${id}?api-version=2018-08-31`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  };

  it('is JSON that breaks off, complete for HTTP', async () => {
    const { status, type, text } = await raw({ effect: 'malformed' });
    expect([status, type]).toEqual([200, 'application/json; charset=utf-8']);
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  it('has the wrong content type', async () => {
    expect(await raw({ effect: 'wrongContentType' })).toMatchObject({
      type: 'text/html; charset=utf-8',
      text: expect.stringContaining(id),
    });
    await publisher.control('DELETE', '/faults');
    expect(await raw({ effect: 'wrongContentType', contentType: 'application/xml' })).toMatchObject({ type: 'application/xml' });
  });

  it('has no body', async () => {
    expect(await raw({ effect: 'emptyBody' })).toMatchObject({ status: 200, text: '' });
  });

  it('is a page for people', async () => {
    expect(await raw({ effect: 'html', status: 500 })).toMatchObject({
      status: 500,
      type: 'text/html; charset=utf-8',
      text: expect.stringContaining('<h1>500'),
    });
  });
});

describe('who meets a fault', () => {
  const anonymous = () => fetch(`${publisher.emulator.apiUrl}/saas/subscriptions?api-version=2018-08-31`);

  it('is every caller with a good token; a caller without one only where the rule asks for that', async () => {
    const rule = await publisher.fault({ do: { effect: 'status', status: 503 } });
    expect((await anonymous()).status).toBe(403);
    expect((await publisher.control('GET', `/faults/${rule}`)).body).toMatchObject({ matched: 0 });
    await publisher.fault({ when: { beforeAuth: true }, do: { effect: 'status', status: 503 } });
    expect((await anonymous()).status).toBe(503);
  });

  it('is found by plan, offer and action of what the call is about', async () => {
    const subscription = await publisher.subscribe();
    const { offerId } = await publisher.truth(subscription);
    const path = `/saas/subscriptions/${subscription}`;
    await publisher.fault({
      on: { offerId, planId: 'silver', action: 'ChangePlan', initiator: 'Partner' },
      do: { effect: 'status', status: 503 },
    });
    expect((await publisher.api('GET', path)).status).toBe(200);
    expect((await publisher.api('PATCH', path, { quantity: 7 })).status).not.toBe(503);
    expect((await publisher.api('PATCH', path, { planId: 'gold' })).status).toBe(503);
  });

  it('is found by the purchase token of a Resolve', async () => {
    const landing = (await publisher.control('POST', `/subscriptions/${id}/landing-links`)).body.landingUrl;
    const token = { 'x-ms-marketplace-token': new URL(landing).searchParams.get('token') as string };
    await publisher.fault({
      on: { route: 'resolveSubscription', subscriptionId: id.toUpperCase() },
      do: { effect: 'status', status: 503 },
    });
    expect((await publisher.api('POST', '/saas/subscriptions/resolve', undefined, token)).status).toBe(503);
  });

  it('is found by each of the subscriptions in a batch of usage', async () => {
    const other = await publisher.buy();
    const batch = (...resourceIds: string[]) =>
      publisher.api('POST', '/batchUsageEvent', { request: resourceIds.map((resourceId) => ({ resourceId })) });
    const rule = await publisher.fault({ on: { surface: 'metering', subscriptionId: id }, do: { effect: 'status', status: 503 } });
    expect([(await batch(other)).status, (await batch(other, id)).status]).toEqual([200, 503]);
    expect((await publisher.api('POST', '/usageEvent', { resourceId: id })).status).toBe(503);
    expect((await publisher.control('GET', `/faults/${rule}`)).body).toMatchObject({ matched: 2, fired: 2 });
  });

  it('is no caller of the control API or of the store', async () => {
    await publisher.fault({ when: { beforeAuth: true }, do: { effect: 'status', status: 503 } });
    expect((await publisher.control('GET', '/faults')).status).toBe(200);
    expect((await fetch(publisher.emulator.storeUrl)).status).toBe(200);
  });
});

it('names the fault in the ledger, with the status that was sent; none for a connection without an answer', async () => {
  const subscription = await publisher.buy();
  const get = () => publisher.api('GET', `/saas/subscriptions/${subscription}`);
  const rules = [];
  for (const effect of [{ effect: 'status', status: 503 }, { effect: 'reset' }, { effect: 'cutBody' }]) {
    rules.push(await publisher.fault({ on: { subscriptionId: subscription }, when: { count: 1 }, do: effect }));
    await failure(get());
  }
  await get();
  await until('four calls', async () => (await ledger()).length === 4);
  expect(await ledger()).toMatchObject([
    { status: 503, faultId: rules[0] },
    { status: null, faultId: rules[1] },
    { status: 200, faultId: rules[2] },
    { status: 200, faultId: null },
  ]);

  async function ledger() {
    return (await publisher.control('GET', `/calls?subscriptionId=${subscription}`)).body.calls;
  }
});
