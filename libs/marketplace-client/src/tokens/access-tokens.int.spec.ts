import { createPublicKey, verify, constants, X509Certificate } from 'node:crypto';
import { aCertificate } from '../fixtures/certificate';
import { aSubscription, context, failureOf, microsoftAndClient, subscriptionId } from '../fixtures/client.fixture';
import { FakeMicrosoft, after, clientId, hang, json, raw, tenantId, type Reply } from '../fixtures/fake.microsoft';

const setup = microsoftAndClient();
const good = json(200, aSubscription);
const live403 = json(403, 'The authorization token is absent, invalid or expired');
const once = { ...context, attempts: 1 };
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let look = 0; look < 500; look += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it did not come to that');
}

beforeEach(() => {
  setup.microsoft.replies = [good];
});

it('fetches one token for all who wait', async () => {
  const client = setup.client();
  await Promise.all(Array.from({ length: 50 }, () => client.getSubscription(subscriptionId, context)));
  expect(setup.microsoft.tokens).toHaveLength(1);
});

describe('a token that lives for an hour', () => {
  const minutes = 60_000;
  const bearers = () => setup.microsoft.received.map(({ headers }) => headers.authorization?.replace('Bearer ', ''));
  let nowMs: number;
  const aClient = async () => {
    nowMs = Date.now();
    const client = setup.client({ now: () => nowMs });
    await client.getSubscription(subscriptionId, context);
    return client;
  };

  it('is kept until five minutes before it expires', async () => {
    const client = await aClient();
    nowMs += 54 * minutes;
    await client.getSubscription(subscriptionId, context);
    expect(setup.microsoft.tokenRequests).toHaveLength(1);
  });

  it('is renewed in the background, once for all, while nobody waits', async () => {
    const client = await aClient();
    setup.microsoft.tokenReplies = [hang];
    nowMs += 56 * minutes;
    await Promise.all(Array.from({ length: 10 }, () => client.getSubscription(subscriptionId, context)));
    expect(bearers()).toEqual(Array.from({ length: 11 }, () => 'token-1'));
    await until(() => setup.microsoft.tokenRequests.length === 2);
  });

  it('gives way to the next one as soon as that is there', async () => {
    const client = await aClient();
    nowMs += 56 * minutes;
    await client.getSubscription(subscriptionId, context);
    await until(async () => (await client.getSubscription(subscriptionId, context)) && bearers().at(-1) === 'token-2');
    expect(setup.microsoft.tokenRequests).toHaveLength(2);
  });

  it('is used to its end where Entra is away, which is asked each half minute and fails no call', async () => {
    const client = await aClient();
    setup.microsoft.tokenReplies = Array.from({ length: 20 }, () => raw(503));
    for (nowMs += 55 * minutes; nowMs < Date.now() + 59 * minutes; nowMs += 10_000) {
      await client.getSubscription(subscriptionId, context);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(setup.microsoft.tokenRequests.length).toBeGreaterThan(2);
    expect(setup.microsoft.tokenRequests.length).toBeLessThanOrEqual(1 + 9);
    nowMs += 2 * minutes;
    expect(await failureOf(client.getSubscription(subscriptionId, once))).toMatchObject({ reason: 'sign-in' });
  });
});

it('does not fetch a short-lived token for each call', async () => {
  setup.microsoft.tokenLifeSeconds = 60;
  const client = setup.client();
  await client.getSubscription(subscriptionId, context);
  await client.getSubscription(subscriptionId, context);
  expect(setup.microsoft.tokens).toHaveLength(1);
});

it.each<[what: string, reply: Reply]>([
  ['401', json(401, { code: 'Unauthorized' })],
  ['403', live403],
])('replaces a token that gets %s and tries once more, even a change', async (_status, refusal) => {
  setup.microsoft.replies = [refusal, raw(202)];
  await setup.client().changePlan(subscriptionId, 'gold', { ...context, attempts: 1 });
  expect(setup.microsoft.received.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
  expect(setup.records).toMatchObject([{ error: 'MARKETPLACE_FORBIDDEN' }, { status: 202 }]);
});

describe('a change that its caller announces', () => {
  const ids = () => setup.microsoft.received.map(({ headers }) => headers['x-ms-requestid']);

  it('leaves after its announcement each time, also with a fresh token', async () => {
    const told: { requestId: string; sentBefore: number }[] = [];
    const announce = async (requestId: string) => void told.push({ requestId, sentBefore: ids().length });
    setup.microsoft.replies = [live403, raw(202)];
    await setup.client().changePlan(subscriptionId, 'gold', { ...once, announce });
    expect(told).toEqual([
      { requestId: ids()[0], sentBefore: 0 },
      { requestId: ids()[1], sentBefore: 1 },
    ]);
  });

  it('does not leave where it can’t be announced', async () => {
    const announce = () => Promise.reject(new Error('the ledger is away'));
    await expect(setup.client().cancel(subscriptionId, { ...context, announce })).rejects.toThrow('the ledger is away');
    expect(ids()).toEqual([]);
  });

  it('does not leave when its time is over meanwhile, and its announcer is told', async () => {
    const announced = Promise.withResolvers<AbortSignal>();
    const announce = async (_requestId: string, signal: AbortSignal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      announced.resolve(signal);
    };
    const failure = await failureOf(setup.client().cancel(subscriptionId, { ...once, timeoutMs: 100, announce }));
    expect(failure).toMatchObject({ reason: 'timeout', outcomeUnknown: false, call: { requestId: null } });
    expect((await announced.promise).aborted).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(ids()).toEqual([]);
  });
});

it('says what to check when a fresh token is refused as well, and costs no further tokens (pitfall 3)', async () => {
  setup.microsoft.replies = [live403];
  const client = setup.client();
  const failure = await failureOf(client.getSubscription(subscriptionId, context));
  expect(failure).toMatchObject({
    code: 'MARKETPLACE_FORBIDDEN',
    retriable: false,
    status: 403,
    message: expect.stringContaining('technical configuration'),
  });
  expect(setup.microsoft.received).toHaveLength(2);
  for (let call = 0; call < 5; call++) await failureOf(client.getSubscription(subscriptionId, context));
  expect(setup.microsoft.received).toHaveLength(7);
  expect(setup.microsoft.tokens).toHaveLength(2);
});

it('replaces a token again when a minute has passed', async () => {
  let nowMs = Date.now();
  const client = setup.client({ now: () => nowMs });
  setup.microsoft.replies = [live403];
  await failureOf(client.getSubscription(subscriptionId, context));
  nowMs += 61_000;
  await failureOf(client.getSubscription(subscriptionId, context));
  expect(setup.microsoft.tokens).toHaveLength(3);
});

it('replaces a refused token once for all calls that it was refused to', async () => {
  const refusals = Array.from({ length: 10 }, () => after(30, live403));
  setup.microsoft.replies = [...refusals, good];
  const client = setup.client();
  await Promise.all(Array.from({ length: 10 }, () => client.getSubscription(subscriptionId, context)));
  expect(setup.microsoft.tokens).toHaveLength(2);
});

it('explains a wrong secret without showing it, and does not ask Entra for each call', async () => {
  const client = setup.client({ credential: { secret: 'not-the-secret' } });
  const failure = await failureOf(client.getSubscription(subscriptionId, context));
  await failureOf(client.getSubscription(subscriptionId, context));
  expect(failure).toMatchObject({
    code: 'MARKETPLACE_FORBIDDEN',
    microsoft: { code: 'AADSTS7000215', message: null },
    message: expect.stringMatching(/invalid_client \(AADSTS7000215\).*secret or certificate has expired/),
  });
  expect(JSON.stringify([failure, failure.stack, setup.records])).not.toContain('not-the-secret');
  expect(setup.microsoft.tokenRequests).toHaveLength(1);
  expect(setup.microsoft.received).toEqual([]);
});

it.each<[what: string, reply: Reply]>([
  ['answers 503', raw(503)],
  ['answers with a page', raw(200, '<html>')],
  ['redirects', raw(302, '', { location: 'https://evil.example/' })],
  ['answers 429', raw(429, '', { 'retry-after': '0' })],
])('tries again when Entra %s', async (_fault, reply) => {
  setup.microsoft.tokenReplies = [reply];
  expect(await setup.client().getSubscription(subscriptionId, context)).toMatchObject({ status: 'Subscribed' });
  expect(setup.microsoft.tokenRequests).toHaveLength(2);
});

it('waits for Entra no longer than its own time limit, and nothing counts as sent', async () => {
  setup.microsoft.tokenReplies = [hang];
  const startedAt = performance.now();
  const failure = await failureOf(setup.client().changePlan(subscriptionId, 'gold', { ...once, timeoutMs: 200 }));
  expect(performance.now() - startedAt).toBeLessThan(4_000); // and not ten seconds, as without a limit of its own
  expect(failure).toMatchObject({ code: 'MARKETPLACE_UNAVAILABLE', outcomeUnknown: false });
});

it('says when Entra cannot be reached', async () => {
  const gone = await FakeMicrosoft.start();
  await gone.stop();
  const failure = await failureOf(setup.client({ authorityUrl: gone.origin }).getSubscription(subscriptionId, once));
  expect(failure).toMatchObject({
    code: 'MARKETPLACE_UNAVAILABLE',
    reason: 'sign-in',
    outcomeUnknown: false,
    message: expect.stringContaining('ECONNREFUSED'),
  });
});

it('signs in with a federated token that is read anew each time', async () => {
  let reads = 0;
  const client = setup.client({ credential: { federatedToken: () => Promise.resolve(`federated-${++reads}`) } });
  setup.microsoft.replies = [live403, good];
  await client.getSubscription(subscriptionId, context);
  expect(setup.microsoft.tokenRequests.map((form) => form.get('client_assertion'))).toEqual(['federated-1', 'federated-2']);
});

it('signs in with a certificate: an assertion to the token endpoint, signed with its key, naming its thumbprint', async () => {
  const pem = aCertificate();
  await setup.client({ credential: { certificate: { pem } } }).getSubscription(subscriptionId, context);
  const [head, claims, signature] = setup.microsoft.tokenRequests[0]!.get('client_assertion')!.split('.');
  const decoded = (part: string | undefined) => JSON.parse(Buffer.from(part ?? '', 'base64url').toString()) as Record<string, unknown>;
  const thumbprint = new X509Certificate(pem).fingerprint256.replaceAll(':', '');
  expect(decoded(head)).toMatchObject({ alg: 'PS256', 'x5t#S256': Buffer.from(thumbprint, 'hex').toString('base64url') });
  expect(decoded(claims)).toMatchObject({ aud: `${setup.microsoft.origin}/${tenantId}/oauth2/v2.0/token`, iss: clientId, sub: clientId });
  const key = { key: createPublicKey(pem), padding: constants.RSA_PKCS1_PSS_PADDING };
  expect(verify('sha256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature!, 'base64url'))).toBe(true);
});

it('knows that a refused change was not done, even when the time limit passes before the second try', async () => {
  setup.microsoft.replies = [
    (answer, request) => {
      setup.microsoft.tokenReplies = [hang];
      live403(answer, request);
    },
  ];
  const failure = await failureOf(setup.client().cancel(subscriptionId, { ...once, timeoutMs: 300 }));
  expect(failure).toMatchObject({ code: 'MARKETPLACE_UNAVAILABLE', outcomeUnknown: false });
});
