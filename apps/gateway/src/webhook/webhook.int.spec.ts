import { randomUUID } from 'node:crypto';
import { startGateway, type TestGateway } from '../testing/gateway.fixture';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const payload = (changes: object = {}) => ({
  id: randomUUID(),
  subscriptionId: randomUUID(),
  action: 'ChangePlan',
  planId: 'gold',
  operationRequestSource: 'Azure',
  ...changes,
});

async function post(
  body: string | Buffer | object,
  { token, headers = {} }: { token?: string | null; headers?: Record<string, string> } = {},
) {
  const authorization = token === null ? {} : { authorization: `Bearer ${token ?? (await gateway.identity.webhookToken())}` };
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const response = await fetch(`${gateway.url}/webhook`, {
    method: 'POST',
    body: text,
    redirect: 'manual',
    headers: { 'content-type': 'application/json', ...authorization, ...headers },
  });
  await response.arrayBuffer();
  return response;
}

const sentAbout = async (operationId: string) => (await gateway.sent()).filter(({ data }) => data['operationId'] === operationId);
const stored = (operationId: string) => gateway.query('select * from gateway.webhook_deliveries where operation_id = $1', [operationId]);

async function until<T>(read: () => Promise<T>, isRight: (value: T) => boolean, limitMs = 5_000): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const value = await read();
    if (isRight(value) || Date.now() > end) return value;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Runs the work with the wall clock set ahead; timers stay real. */
async function later(ms: number, work: () => Promise<void>) {
  jest.useFakeTimers({
    now: Date.now() + ms,
    doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'queueMicrotask'],
  });
  try {
    await work();
  } finally {
    jest.useRealTimers();
  }
}

describe('a webhook', () => {
  it('is on disk and published before it is answered, and its answer is published afterwards', async () => {
    const notification = payload({ quantity: '7' });
    expect((await post(notification)).status).toBe(200);
    const messages = await until(
      () => sentAbout(notification.id),
      (sent) => sent.length === 2,
    );
    expect(messages.map(({ type }) => type)).toEqual(['landfall.gateway.webhook-received.v1', 'landfall.gateway.webhook-answered.v1']);
    expect(messages[0]).toMatchObject({ key: notification.subscriptionId, data: { planId: 'gold', quantity: 7, source: 'Azure' } });
    expect(messages[1]).toMatchObject({ data: { status: 200 } });
  });

  it('is taken in both token forms', async () => {
    for (const version of ['1.0', '2.0'] as const) {
      const token = await gateway.identity.webhookToken({}, { version });
      expect((await post(payload(), { token })).status).toBe(200);
    }
  });

  it('is published once, however often and however concurrently it is delivered, and answered alike', async () => {
    const notification = payload();
    const taken = () =>
      until(
        () => post(notification),
        ({ status }) => status !== 503,
        30_000,
      ); // a busy machine asks to come again
    const answers = await Promise.all(Array.from({ length: 20 }, taken));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect((await post(notification)).status).toBe(200);
    const messages = await until(
      () => sentAbout(notification.id),
      (sent) => sent.length >= 2,
    );
    expect(messages.map(({ type }) => type)).toEqual(['landfall.gateway.webhook-received.v1', 'landfall.gateway.webhook-answered.v1']);
    expect(await stored(notification.id)).toHaveLength(1);
  });

  it('is another one when the same operation comes with another action', async () => {
    const notification = payload();
    await post(notification);
    await post({ ...notification, action: 'Renew' });
    expect((await sentAbout(notification.id)).filter(({ type }) => type.includes('received'))).toHaveLength(2);
  });

  it('is another one when the same operation and action come for another subscription, each answered and published by itself', async () => {
    const one = payload();
    const other = { ...one, subscriptionId: randomUUID() };
    await Promise.all([one, other, one, other].map(async (notification) => expect((await post(notification)).status).toBe(200)));
    const messages = await until(
      () => sentAbout(one.id),
      (sent) => sent.length >= 4,
    );
    for (const { subscriptionId } of [one, other])
      expect(messages.filter(({ key }) => key === subscriptionId).map(({ type }) => type)).toEqual([
        'landfall.gateway.webhook-received.v1',
        'landfall.gateway.webhook-answered.v1',
      ]);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(4);
    expect(await stored(one.id)).toHaveLength(2);
  });

  it('names no operation by the nil UUID: each is looked at, and never taken for a repetition', async () => {
    const notification = payload({ id: '00000000-0000-0000-0000-000000000000' });
    await post(notification);
    await post(notification);
    const messages = (await gateway.sent()).filter(({ key }) => key === notification.subscriptionId);
    expect(messages.map(({ type }) => type)).toEqual(Array(2).fill('landfall.gateway.webhook-unreadable.v1'));
  });

  it.each([
    ['no content type', { 'content-type': '' }],
    ['a broken content type', { 'content-type': ';;;' }],
    ['a foreign content type', { 'content-type': 'text/plain' }],
    ['a form content type', { 'content-type': 'application/x-www-form-urlencoded' }],
  ])('is taken with %s', async (_case, headers) => {
    const notification = payload();
    expect((await post(notification, { headers })).status).toBe(200);
    expect(await stored(notification.id)).toHaveLength(1);
  });

  it('keeps the body encrypted and of the claims only what may be kept', async () => {
    const notification = payload({ subscription: { beneficiary: { emailId: 'ada@fabrikam.example' } } });
    await post(notification, { token: await gateway.identity.webhookToken({ oid: 'object', uti: 'u1' }) });
    const [row] = await stored(notification.id);
    expect(JSON.stringify(row)).not.toContain('fabrikam');
    expect(row).toMatchObject({ claims: { uti: 'u1', aud: 'publisher-client' }, answer: 200 });
    expect(Object.keys(row!['claims'] as object)).not.toContain('oid');
  });
});

describe('a webhook that cannot be read', () => {
  it('is answered 200 and stored as it came, and its subscription is read', async () => {
    const subscriptionId = randomUUID();
    expect((await post({ subscriptionId })).status).toBe(200);
    expect((await gateway.sent()).filter(({ key }) => key === subscriptionId)).toMatchObject([
      { type: 'landfall.gateway.webhook-unreadable.v1' },
    ]);
    const [row] = await gateway.query('select * from gateway.webhook_deliveries where subscription_id = $1', [subscriptionId]);
    expect(row).toMatchObject({ operation_id: null, answer: 200 });
    expect(row!['encrypted_body']).toMatch(/^ey/);
  });

  it.each([
    ['not JSON', 'hello'],
    ['nothing', ''],
    ['bytes', Buffer.from([0xff, 0xfe, 0])],
  ])('is answered 200 when it is %s', async (_case, body) => {
    const before = await gateway.query('select from gateway.webhook_deliveries');
    expect((await post(body)).status).toBe(200);
    expect(await gateway.query('select from gateway.webhook_deliveries')).toHaveLength(before.length + 1);
  });
});

describe('a caller that is not Microsoft', () => {
  it.each([
    ['without a token', async () => null],
    ['with a token of another tenant', () => gateway.identity.webhookToken({ tid: randomUUID() })],
    ['with a token of another caller', () => gateway.identity.webhookToken({ azp: randomUUID() })],
    ['with an expired token', () => gateway.identity.webhookToken({ exp: Math.floor(Date.now() / 1000) - 400 })],
    ['with a forged token', async () => (await gateway.identity.webhookToken()).replace(/.{20}$/, 'AAAAAAAAAAAAAAAAAAAA')],
  ])('is refused %s, and nothing is stored', async (_case, token) => {
    const notification = payload();
    expect((await post(notification, { token: await token() })).status).toBe(401);
    expect(await stored(notification.id)).toEqual([]);
  });
});

describe('a fault of ours never rejects an order', () => {
  it('answers 503 to a foreign audience, and keeps the claims', async () => {
    const response = await post(payload(), { token: await gateway.identity.webhookToken({ aud: 'another-app', uti: 'foreign' }) });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBeTruthy();
    const rows = await gateway.query(`select * from gateway.webhook_deliveries where claims->>'uti' = 'foreign'`);
    expect(rows).toMatchObject([{ answer: 503, encrypted_body: null, claims: { aud: 'another-app' } }]);
  });

  it('answers 503 to an authentic body over the limit, and 401 to one without a token', async () => {
    const large = 'x'.repeat(300 * 1024);
    expect((await post(large)).status).toBe(503);
    expect((await post(large, { token: null })).status).toBe(401);
  });

  it('answers 503 while a new signing key may only be unknown to us, and 200 once it is read', async () => {
    await post(payload());
    gateway.identity.rotateKeys();
    const notification = payload();
    expect((await post(notification)).status).toBe(503); // the keys were read less than a minute ago
    await later(61_000, async () => expect((await post(notification)).status).toBe(200));
  });

  it('answers 503 to a key that not even a fresh reading shows, and 200 as soon as one does: discovery may lag behind its signer', async () => {
    const lagging = gateway.identity.signAhead();
    const notification = payload();
    await later(200_000, async () => {
      const readsBefore = gateway.identity.keyReads;
      for (const _time of [1, 2, 3, 4, 5]) {
        const response = await post(notification);
        expect([response.status, response.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
      }
      expect(gateway.identity.keyReads - readsBefore).toBe(2); // discovery and key set, once for all five
    });
    expect(await stored(notification.id)).toEqual([]);
    lagging.publish();
    await later(270_000, async () => expect((await post(notification)).status).toBe(200));
  });

  it('answers 401 to a forgery in the name of a known key, and to one in the name of no key whose claims are wrong', async () => {
    const forged = (await gateway.identity.webhookToken()).replace(/.{20}$/, 'AAAAAAAAAAAAAAAAAAAA');
    expect((await post(payload(), { token: forged })).status).toBe(401);
    await later(340_000, async () => {
      const token = await gateway.identity.webhookToken({ iss: 'https://sts.example/another/' }, { kid: 'in-no-reading' });
      expect((await post(payload(), { token })).status).toBe(401);
    });
  });

  it('answers 503 while the keys cannot be read', async () => {
    gateway.identity.isAway = true;
    await later(25 * 3_600_000, async () => {
      const token = await gateway.identity.webhookToken({ exp: Math.floor(Date.now() / 1000) + 60 });
      expect((await post(payload(), { token })).status).toBe(503);
    });
    gateway.identity.isAway = false;
  });

  it('answers 503 while the database is away, and loses nothing of what comes again', async () => {
    const notification = payload();
    await gateway.withoutDatabase(async () => {
      const away = await post(notification);
      expect(away.status).toBe(503);
      expect(away.headers.get('retry-after')).toBeTruthy();
    });
    const answer = await until(
      () => post(notification),
      ({ status }) => status === 200,
    );
    expect(answer.status).toBe(200);
    expect((await sentAbout(notification.id)).filter(({ type }) => type.includes('received'))).toHaveLength(1);
  });

  it('answers 503 to a registration that is not set up here', async () => {
    const response = await fetch(`${gateway.url}/webhook/nobody`, {
      method: 'POST',
      body: '{}',
      headers: { authorization: `Bearer ${await gateway.identity.webhookToken()}` },
    });
    expect(response.status).toBe(503);
  });
});
