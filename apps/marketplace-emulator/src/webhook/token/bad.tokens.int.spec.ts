import { createHmac } from 'node:crypto';
import { compactVerify, createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { call, Publisher } from '../../testing/publisher';
import { badTokenNames } from './bad.tokens';

const marketplaceAppId = '20e940b3-4c77-4b0b-9a53-9e16a1b010a7';
let publisher: Publisher;
let deliveryId: string;

beforeAll(async () => {
  publisher = await Publisher.start();
});

beforeEach(async () => {
  publisher.answer = () => 200;
  const id = await publisher.subscribe();
  await publisher.control('POST', `/subscriptions/${id}/suspend`);
  await publisher.webhooks(1, ({ body }) => body.subscriptionId === id);
  deliveryId = await delivered(id);
});

afterAll(() => publisher.stop());

async function delivered(subscriptionId: string): Promise<string> {
  for (;;) {
    const { deliveries } = (await publisher.control('GET', `/deliveries?subscriptionId=${subscriptionId}`)).body;
    if (deliveries.length > 0) return deliveries[0].id;
  }
}

/** Sends the kept delivery with a bad token, and gives what arrived. */
async function forged(badToken: string) {
  const { status, body } = await publisher.control('POST', `/deliveries/${deliveryId}/redeliver`, { badToken });
  expect([status, body.kind, body.badToken]).toEqual([200, 'forged', badToken]);
  return { delivery: body, ...(publisher.received.at(-1) as (typeof publisher.received)[number]) };
}

/** All that a publisher has to check (contract 2.3), and nothing else. */
async function check(token: string): Promise<void> {
  const { authorityUrl, tenantId, clientId } = publisher.emulator;
  const keys = createRemoteJWKSet(new URL(`${authorityUrl}/${tenantId}/discovery/v2.0/keys`));
  const { payload } = await jwtVerify(token, keys, {
    algorithms: ['RS256'],
    audience: clientId,
    issuer: `${authorityUrl}/${tenantId}/v2.0`,
    clockTolerance: 300,
  });
  if (payload['tid'] !== tenantId) throw new Error('tid');
  if (payload['azp'] !== marketplaceAppId) throw new Error('azp');
}

it('sends the genuine token where none is asked for', async () => {
  await publisher.control('POST', `/deliveries/${deliveryId}/redeliver`);
  await expect(check(publisher.received.at(-1)?.bearerToken as string)).resolves.toBeUndefined();
});

it.each(badTokenNames)('sends %s, which no publisher that checks everything takes', async (name) => {
  const { bearerToken } = await forged(name);
  await expect(check(bearerToken)).rejects.toThrow();
});

it('is listed with what is wrong and what is right to do', async () => {
  const { badTokens } = (await publisher.control('GET', '/webhooks/bad-tokens')).body;
  expect(badTokens.map(({ name }: { name: string }) => name)).toEqual(badTokenNames);
  for (const entry of badTokens)
    expect(entry).toEqual({ name: expect.any(String), wrong: expect.any(String), rightAnswer: expect.any(String) });
});

describe('each is wrong in the one way that it is about', () => {
  const keys = async () =>
    (await call('GET', `${publisher.emulator.authorityUrl}/${publisher.emulator.tenantId}/discovery/v2.0/keys`)).body.keys;
  const publicKey = async (kid: string | undefined) => (await keys()).find((key: { kid: string }) => key.kid === kid);

  it('HS256 is signed with the text of the public key', async () => {
    const { bearerToken } = await forged('hs256-public-jwk');
    const [header, claims, signature] = bearerToken.split('.');
    const { kid } = decodeProtectedHeader(bearerToken);
    const secret = JSON.stringify(await publicKey(kid));
    expect(createHmac('sha256', secret).update(`${header}.${claims}`).digest('base64url')).toBe(signature);
  });

  it('none has no signature', async () => {
    const { bearerToken } = await forged('alg-none');
    expect(decodeProtectedHeader(bearerToken).alg).toBe('none');
    expect(bearerToken).toMatch(/\.$/);
  });

  it.each([
    'wrong-aud',
    'wrong-tid',
    'foreign-tenant',
    'other-publisher',
    'wrong-appid',
    'wrong-iss',
    'expired',
    'not-yet-valid',
    'issuer-of-other-version',
    'other-purpose',
  ])('%s has a signature that holds', async (name) => {
    const { bearerToken } = await forged(name);
    const key = await publicKey(decodeProtectedHeader(bearerToken).kid);
    await expect(compactVerify(bearerToken, key, { algorithms: ['RS256'] })).resolves.toBeDefined();
  });

  it.each(['wrong-key', 'unknown-kid', 'foreign-jku', 'foreign-x5u', 'embedded-jwk'])(
    '%s has the claims of a genuine one',
    async (name) => {
      const { bearerToken } = await forged(name);
      expect(decodeJwt(bearerToken)).toMatchObject({
        aud: publisher.emulator.clientId,
        tid: publisher.emulator.tenantId,
        azp: marketplaceAppId,
        iss: `${publisher.emulator.authorityUrl}/${publisher.emulator.tenantId}/v2.0`,
      });
    },
  );

  it('the token of another publisher is as Microsoft makes it for that one', async () => {
    const tenantId = 'aaaaaaaa-0000-4000-8000-000000000007';
    const { clientId } = (await publisher.control('POST', '/applications', { tenantId })).body;
    const iss = `${publisher.emulator.authorityUrl}/${tenantId}/v2.0`;
    expect(decodeJwt((await forged('other-publisher')).bearerToken)).toMatchObject({
      tid: tenantId,
      aud: clientId,
      iss,
      azp: marketplaceAppId,
    });
    await publisher.control('DELETE', `/applications/${clientId}`);
  });

  it('missing is missing', async () => {
    expect((await forged('missing')).headers.authorization).toBeUndefined();
  });
});

it.each([
  [200, 'wrong-aud', 'forgery-accepted'],
  [401, 'wrong-aud', 'forgery-rejected'],
  [503, 'wrong-aud', 'failed'],
  [200, 'unknown-kid', 'forgery-accepted'],
  [401, 'unknown-kid', 'forgery-rejected'],
  [503, 'unknown-kid', 'failed'],
  [200, 'aud-as-uri', 'received'],
] as const)('notes of an answer %i to %s: %s', async (status, name, verdict) => {
  publisher.answer = () => status;
  expect((await forged(name)).delivery.verdict).toBe(verdict);
});

it('settles nothing by the answer to a forgery', async () => {
  const id = await publisher.subscribe();
  const { operationId } = (await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' })).body;
  deliveryId = await delivered(id);
  publisher.answer = () => 400;
  await forged('expired');
  expect(await publisher.settled(id, operationId)).toMatchObject({ status: 'Succeeded', settledBy: 'ten-seconds' });
});

it('records who follows a header to foreign keys', async () => {
  const { bearerToken } = await forged('foreign-jku');
  const { jku, kid } = decodeProtectedHeader(bearerToken);
  const { body } = await call('GET', jku as string);
  expect(body.keys).toEqual([expect.objectContaining({ kid })]); // with them the signature holds, so that a publisher who follows takes it
  const { calls } = (await publisher.control('GET', '/calls')).body;
  expect(calls.filter(({ surface }: { surface: string }) => surface === 'trap')).toHaveLength(1);
});
