import { request } from 'node:http';
import {
  calculateJwkThumbprint,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTPayload,
} from 'jose';
import { Publisher } from '../../testing/publisher';
import { TestSignIn } from '../../testing/sign-in';

const marketplace = '20e940b3-4c77-4b0b-9a53-9e16a1b010a7';
let publisher: Publisher;
/** A genuine token, the key in the published set that has signed it, and a key that is published nowhere. */
let genuine: { text: string; header: { kid: string }; claims: JWTPayload };
let published: JWK;
let foreignKey: CryptoKey;

beforeAll(async () => {
  publisher = await Publisher.start({ settings: { signinRedirectUris: [TestSignIn.redirectUri] } });
  const { authorityUrl, tenantId } = publisher.emulator;
  const text = await tokenFor(marketplace);
  const [header, claims] = text
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
  genuine = { text, header, claims };
  const { keys } = (await (await fetch(`${authorityUrl}/${tenantId}/discovery/keys`)).json()) as { keys: JWK[] };
  published = keys.find(({ kid }) => kid === header.kid) as JWK;
  foreignKey = (await generateKeyPair('RS256')).privateKey;
});

afterAll(() => publisher.stop());

async function tokenFor(resource: string): Promise<string> {
  const { authorityUrl, tenantId, clientId, clientSecret } = publisher.emulator;
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, resource };
  const response = await fetch(`${authorityUrl}/${tenantId}/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
  return ((await response.json()) as { access_token: string }).access_token;
}

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const unsigned = (alg: unknown) => `${base64url({ ...genuine.header, alg })}.${base64url(genuine.claims)}.`;
const symmetric = (key: string) =>
  new SignJWT(genuine.claims).setProtectedHeader({ ...genuine.header, alg: 'HS256' }).sign(Buffer.from(key));
const forged = (header: object) =>
  new SignJWT(genuine.claims).setProtectedHeader({ ...genuine.header, alg: 'RS256', ...header }).sign(foreignKey);
const publicKey = async () => (await importJWK(published, 'RS256')) as CryptoKey;

it.each<[string, () => string | undefined | Promise<string>]>([
  ['no token', () => undefined],
  ['an empty one', () => 'Bearer '],
  ['another scheme', () => `Basic ${genuine.text}`],
  ['null in base64', () => 'Bearer bnVsbA=='],
  ['three nulls', () => 'Bearer bnVsbA.bnVsbA.bnVsbA'],
  ['an array as header and claims', () => `Bearer ${base64url([])}.${base64url([])}.AAAA`],
  ['20 kB', () => `Bearer ${'x'.repeat(20_000)}`],
  ['20 kB in three parts', () => `Bearer ${genuine.text}${'A'.repeat(20_000)}`],
  ['several in one header', () => `Bearer ${genuine.text}, Bearer ${genuine.text}`],
  ['alg none', () => `Bearer ${unsigned('none')}`],
  ['alg nOnE', () => `Bearer ${unsigned('nOnE')}`],
  ['alg that is no text', () => `Bearer ${unsigned({})}`],
  ['HS256 with our public key in PEM', async () => `Bearer ${await symmetric(await exportSPKI(await publicKey()))}`],
  ['HS256 with our public key as a JWK', async () => `Bearer ${await symmetric(JSON.stringify(published))}`],
  ['the signature of another key under our key id', async () => `Bearer ${await forged({})}`],
  ['an unknown key id', async () => `Bearer ${await forged({ kid: 'unknown' })}`],
  [
    'a key that it brings along',
    async () => {
      const { publicKey: brought, privateKey } = await generateKeyPair('RS256');
      const jwk = await exportJWK(brought);
      const header = { alg: 'RS256', kid: await calculateJwkThumbprint(jwk), jwk };
      return `Bearer ${await new SignJWT(genuine.claims).setProtectedHeader(header).sign(privateKey)}`;
    },
  ],
  ['a key at an address', async () => `Bearer ${await forged({ jku: 'http://127.0.0.1:1/keys' })}`],
  [
    'other claims under a genuine signature',
    () => {
      const [header, , signature] = genuine.text.split('.');
      return `Bearer ${header}.${base64url({ ...genuine.claims, exp: 9_999_999_999 })}.${signature}`;
    },
  ],
  ['a token for Graph', async () => `Bearer ${await tokenFor('00000003-0000-0000-c000-000000000000')}`],
  ['a token for the former resource', async () => `Bearer ${await tokenFor('62d94f6c-d599-489b-a797-3e10e42fbe22')}`],
  [
    'a token of a customer who signed in',
    async () =>
      `Bearer ${(await new TestSignIn(publisher.emulator).tokens({ person: 'a1e5c8d2-0b6f-4c57-9a41-5d3f1c000001' })).access_token}`,
  ],
])('is refused as a missing token is, never with a fault: %s', async (_what, header) => {
  const authorization = await header();
  const answer = await raw(authorization === undefined ? [] : [authorization]);
  expect(answer).toEqual({ status: 403, body: expect.stringMatching(/^"The authorization token is absent/) });
});

it('refuses an expired token by the real clock, though it was good before', async () => {
  expect((await raw([`Bearer ${genuine.text}`])).status).toBe(200);
  const clock = jest.spyOn(Date, 'now').mockReturnValue((genuine.claims.exp as number) * 1_000);
  const { status } = await raw([`Bearer ${genuine.text}`]).finally(() => clock.mockRestore());
  expect(status).toBe(403);
});

it('looks at the first of several Authorization headers alone', async () => {
  expect((await raw(['Bearer bnVsbA==', `Bearer ${genuine.text}`])).status).toBe(403);
  expect((await raw([`Bearer ${genuine.text}`, 'Bearer bnVsbA=='])).status).toBe(200);
});

/** A call whose headers are written as they are. */
function raw(authorization: string[]): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const url = `${publisher.emulator.apiUrl}/saas/subscriptions?api-version=2018-08-31`;
    const headers = ['host', new URL(url).host, ...authorization.flatMap((value) => ['authorization', value])];
    const call = request(url, { headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }));
    });
    call.on('error', reject).end();
  });
}
