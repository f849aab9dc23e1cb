import { ConfidentialClientApplication } from '@azure/msal-node';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import type { KeyObject } from 'node:crypto';
import { randomUUID } from 'node:crypto';
import { startEmulator } from '../../emulator';
import type { RunningEmulator } from '../../emulator.options';
import { selfSignedCertificate, type TestCertificate } from '../../testing/certificate';
import { call } from '../../testing/publisher';
import { msalNetworkTo } from '../../testing/msal.network';

const marketplace = '20e940b3-4c77-4b0b-9a53-9e16a1b010a7';
let certificate: TestCertificate;
let emulator: RunningEmulator;

beforeAll(async () => {
  certificate = selfSignedCertificate();
  emulator = await startEmulator({ clientCertificate: certificate.pem });
});

afterAll(() => emulator.stop());

const base64url = (hex: string) => Buffer.from(hex, 'hex').toString('base64url');
const endpoint = (version: 'v1' | 'v2' = 'v2') =>
  `${emulator.authorityUrl}/${emulator.tenantId}/oauth2/${version === 'v1' ? '' : 'v2.0/'}token`;

interface Signing {
  header?: Record<string, unknown>;
  claims?: JWTPayload;
  key?: CryptoKey | KeyObject | Uint8Array;
  alg?: string;
}

/** A good assertion but for what is changed; a claim set to undefined is left out. */
function signed({
  header = { 'x5t#S256': base64url(certificate.sha256) },
  claims = {},
  key = certificate.privateKey,
  alg = 'PS256',
}: Signing) {
  const now = Math.floor(Date.now() / 1_000);
  const { clientId } = emulator;
  const all = { iss: clientId, sub: clientId, aud: endpoint(), jti: randomUUID(), iat: now, nbf: now, exp: now + 300, ...claims };
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new SignJWT(given).setProtectedHeader({ alg, typ: 'JWT', ...header }).sign(key);
}

function ask(assertion: string, changes: Record<string, string> = {}, version: 'v1' | 'v2' = 'v2') {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: emulator.clientId,
    ...(version === 'v1' ? { resource: marketplace } : { scope: `${marketplace}/.default` }),
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    ...changes,
  });
  return call('POST', endpoint(version), form.toString(), { 'content-type': 'application/x-www-form-urlencoded' });
}

const listed = async (token: string) =>
  (await call('GET', `${emulator.apiUrl}/saas/subscriptions?api-version=2018-08-31`, undefined, { authorization: `Bearer ${token}` }))
    .status;

it.each(['v1', 'v2'] as const)(
  'takes an assertion instead of a secret, and gives a token that the marketplace accepts: %s',
  async (version) => {
    const { status, body } = await ask(await signed({ claims: { aud: endpoint(version) } }), {}, version);
    expect(status).toBe(200);
    expect(await listed(body.access_token)).toBe(200);
  },
);

it.each([
  ['x5t', () => ({ x5t: base64url(certificate.sha1) })],
  ['x5t#S256', () => ({ 'x5t#S256': base64url(certificate.sha256) })],
  ['kid in hex', () => ({ kid: certificate.sha1 })],
  ['kid in base64', () => ({ kid: base64url(certificate.sha1) })],
])('finds the certificate by %s', async (_what, header) => {
  for (const alg of ['PS256', 'RS256']) expect((await ask(await signed({ header: header(), alg }))).status).toBe(200);
});

it('takes the endpoint or the issuer of the tenant as audience, v1 or v2, with the scheme that the client was given', async () => {
  const { authorityUrl, tenantId } = emulator;
  const issuerV1 = (await call('GET', `${authorityUrl}/${tenantId}/.well-known/openid-configuration`)).body.issuer;
  const issuerV2 = `${authorityUrl}/${tenantId}/v2.0`;
  for (const aud of [endpoint('v1'), endpoint('v2'), issuerV1, issuerV2, endpoint().replace('http:', 'https:')]) {
    expect((await ask(await signed({ claims: { aud } }))).status).toBe(200);
  }
});

it('takes an assertion again until it expires, as Entra does', async () => {
  const assertion = await signed({});
  for (let time = 0; time < 2; time++) expect((await ask(assertion)).status).toBe(200);
});

const ago = (seconds: number) => Math.floor(Date.now() / 1_000) - seconds;
it.each<[string, () => Signing, number]>([
  ['an unknown certificate', () => ({ header: { 'x5t#S256': base64url('00'.repeat(32)) } }), 700027],
  ['no name of its certificate', () => ({ header: {} }), 700027],
  ['the signature of another key', () => ({ key: selfSignedCertificate().privateKey }), 700027],
  ['a symmetric signature with the public certificate', () => ({ alg: 'HS256', key: Buffer.from(certificate.pem) }), 700027],
  ['another audience', () => ({ claims: { aud: 'https://login.example/token' } }), 700023],
  ['the endpoint of another tenant as audience', () => ({ claims: { aud: endpoint().replace(emulator.tenantId, randomUUID()) } }), 700023],
  ['no audience', () => ({ claims: { aud: undefined } }), 700023],
  ['an end that was long ago', () => ({ claims: { exp: ago(400), nbf: ago(900) } }), 700024],
  ['no end', () => ({ claims: { exp: undefined } }), 700024],
  ['a beginning that is to come', () => ({ claims: { nbf: ago(-400), exp: ago(-900) } }), 700024],
  ['another issuer', () => ({ claims: { iss: 'somebody' } }), 700021],
  ['another subject', () => ({ claims: { sub: 'somebody' } }), 700021],
])('refuses an assertion with %s', async (_what, changes, code) => {
  expect(await ask(await signed(changes()))).toMatchObject({ status: 401, body: { error: 'invalid_client', error_codes: [code] } });
});

it.each(['bnVsbA==', 'a.b.c', 'x'.repeat(40_000), `${Buffer.from('{"alg":"none"}').toString('base64url')}.bnVsbA.`])(
  'refuses what is no assertion: %.20s',
  async (assertion) => {
    expect(await ask(assertion)).toMatchObject({ status: 401, body: { error: 'invalid_client', error_codes: [50027] } });
  },
);

it('refuses an unsigned assertion', async () => {
  const [, claims] = (await signed({})).split('.');
  const header = Buffer.from(JSON.stringify({ alg: 'none', 'x5t#S256': base64url(certificate.sha256) })).toString('base64url');
  expect(await ask(`${header}.${claims}.`)).toMatchObject({ status: 401, body: { error_codes: [700027] } });
});

it('asks for the type of the assertion, and knows one', async () => {
  expect((await ask(await signed({}), { client_assertion_type: '' })).body).toMatchObject({
    error: 'invalid_request',
    error_codes: [900144],
  });
  expect((await ask(await signed({}), { client_assertion_type: 'saml' })).body).toMatchObject({ error: 'invalid_request' });
});

describe('credentials of an application', () => {
  const path = () => `${emulator.controlUrl}/applications/${emulator.clientId}`;

  it('are certificates that can be added and removed, and end with their validity', async () => {
    const old = selfSignedCertificate({ to: '2021-01-01' });
    const { status, body } = await call('POST', `${path()}/certificates`, { certificate: old.pem });
    expect({ status, ...body }).toMatchObject({
      status: 201,
      thumbprint: old.sha1,
      sha256: old.sha256,
      validTo: '2021-01-01T00:00:00.000Z',
    });
    const assertion = await signed({ header: { x5t: base64url(old.sha1) }, key: old.privateKey });
    expect((await ask(assertion)).body).toMatchObject({ error: 'invalid_client', error_codes: [1000502] });
    expect((await call('DELETE', `${path()}/certificates/${old.sha1.toLowerCase()}`)).status).toBe(204);
    expect((await ask(assertion)).body).toMatchObject({ error_codes: [700027] });
  });

  it('are no certificates that Entra would not take', async () => {
    for (const pem of ['no certificate', selfSignedCertificate({ modulusLength: 1024 }).pem]) {
      expect(await call('POST', `${path()}/certificates`, { certificate: pem })).toMatchObject({
        status: 400,
        body: { problems: [{ field: 'certificate' }] },
      });
    }
  });

  it('are workloads whose own identity provider names them', async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256');
    const [iss, sub, aud] = ['https://cluster.example/oidc', 'system:serviceaccount:landing:api', 'api://AzureADTokenExchange'];
    const federated = { issuer: iss, subject: sub, jwk: await exportJWK(publicKey) };
    const { status, body } = await call('POST', `${path()}/federated-credentials`, federated);
    expect({ status, ...body }).toMatchObject({ status: 201, audience: aud });
    const good = { key: privateKey, alg: 'RS256', header: { kid: 'any' }, claims: { iss, sub, aud } };
    expect((await ask(await signed(good))).status).toBe(200);
    for (const [claims, code] of [
      [{ iss: 'https://elsewhere.example' }, 700211],
      [{ aud: 'api://another' }, 700212],
      [{ sub: 'system:serviceaccount:landing:other' }, 700213],
    ] as const) {
      expect((await ask(await signed({ ...good, claims: { ...good.claims, ...claims } }))).body).toMatchObject({ error_codes: [code] });
    }
    expect((await ask(await signed({ ...good, key: certificate.privateKey }))).body).toMatchObject({ error_codes: [700027] });
    expect((await call('DELETE', `${path()}/federated-credentials/${body.federatedCredentialId}`)).status).toBe(204);
    expect((await ask(await signed(good))).body).toMatchObject({ error_codes: [700021] });
  });
});

it('gives msal-node a token for its certificate', async () => {
  const authority = emulator.authorityUrl.replace('http:', 'https:');
  const networkClient = msalNetworkTo(authority);
  const client = new ConfidentialClientApplication({
    auth: {
      clientId: emulator.clientId,
      clientCertificate: {
        thumbprintSha256: certificate.sha256,
        privateKey: certificate.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      },
      authority: `${authority}/${emulator.tenantId}`,
      knownAuthorities: [new URL(authority).host],
    },
    system: { networkClient },
  });
  const result = await client.acquireTokenByClientCredential({ scopes: [`${marketplace}/.default`] });
  expect(await listed(result?.accessToken as string)).toBe(200);
});
