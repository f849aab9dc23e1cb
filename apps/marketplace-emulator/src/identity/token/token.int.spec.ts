import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { startEmulator } from '../../emulator';
import type { RunningEmulator } from '../../emulator.options';
import { call } from '../../testing/publisher';

const marketplace = '20e940b3-4c77-4b0b-9a53-9e16a1b010a7';
let emulator: RunningEmulator;

beforeAll(async () => {
  emulator = await startEmulator();
});

afterAll(() => emulator.stop());

/** Asks for a token; a member set to undefined is left out of the form. */
function ask(
  version: 'v1' | 'v2',
  changes: Record<string, string | undefined> = {},
  tenant = emulator.tenantId,
  headers: Record<string, string> = {},
) {
  const target = version === 'v1' ? { resource: marketplace } : { scope: `${marketplace}/.default` };
  const form = {
    grant_type: 'client_credentials',
    client_id: emulator.clientId,
    client_secret: emulator.clientSecret,
    ...target,
    ...changes,
  };
  const given = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const path = version === 'v1' ? 'oauth2/token' : 'oauth2/v2.0/token';
  return call('POST', `${emulator.authorityUrl}/${tenant}/${path}`, new URLSearchParams(given).toString(), {
    'content-type': 'application/x-www-form-urlencoded',
    ...headers,
  });
}

function discovery(version: 'v1' | 'v2', tenant = emulator.tenantId) {
  return call('GET', `${emulator.authorityUrl}/${tenant}/${version === 'v2' ? 'v2.0/' : ''}.well-known/openid-configuration`);
}

async function verified(token: string, version: 'v1' | 'v2') {
  const { issuer, jwks_uri } = (await discovery(version)).body;
  return (await jwtVerify(token, createRemoteJWKSet(new URL(jwks_uri)), { issuer, algorithms: ['RS256'] })).payload;
}

it.each(['v1', 'v2'] as const)(
  'gives the publisher a v1-format token for the marketplace, whichever endpoint it asks: %s',
  async (version) => {
    const claims = await verified((await ask(version)).body.access_token, 'v1');
    expect(claims).toMatchObject({
      aud: marketplace,
      tid: emulator.tenantId,
      appid: emulator.clientId,
      ver: '1.0',
      oid: expect.any(String),
    });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(3_600);
  },
);

it('writes numbers as texts at v1 and as numbers at v2', async () => {
  expect((await ask('v1')).body).toMatchObject({
    token_type: 'Bearer',
    expires_in: '3600',
    ext_expires_in: '0',
    expires_on: expect.any(String),
    resource: marketplace,
  });
  expect((await ask('v2')).body).toMatchObject({ token_type: 'Bearer', expires_in: 3_599, ext_expires_in: 3_599 });
});

it('keeps the issuer of v1 tokens on another host than the authority', async () => {
  const { issuer, jwks_uri } = (await discovery('v1')).body;
  expect(new URL(issuer).hostname).not.toBe(new URL(emulator.authorityUrl).hostname);
  expect(issuer).toMatch(/\/$/);
  expect(jwks_uri).toBe(`${emulator.authorityUrl}/${emulator.tenantId}/discovery/keys`);
});

it.each(['common', 'organizations', 'consumers'])('publishes a template as the issuer of %s', async (tenant) => {
  expect((await discovery('v2', tenant)).body.issuer).toBe(`${emulator.authorityUrl}/{tenantid}/v2.0`);
});

it('accepts the secret in HTTP Basic', async () => {
  const basic = Buffer.from(`${emulator.clientId}:${emulator.clientSecret}`).toString('base64');
  const { status } = await ask('v2', { client_id: undefined, client_secret: undefined }, undefined, { authorization: `Basic ${basic}` });
  expect(status).toBe(200);
});

it("gives operators a token with their roles for the publisher's own services", async () => {
  const { operatorsAudience, operatorsAuthorityUrl, operatorsClientId, operatorsClientSecret } = emulator;
  const { body } = await ask('v2', {
    client_id: operatorsClientId,
    client_secret: operatorsClientSecret,
    scope: `${operatorsAudience}/.default`,
  });
  const { issuer, jwks_uri } = (await call('GET', `${operatorsAuthorityUrl}/.well-known/openid-configuration`)).body;
  expect(issuer).toBe(operatorsAuthorityUrl);
  const { payload } = await jwtVerify(body.access_token, createRemoteJWKSet(new URL(jwks_uri)), { issuer, audience: operatorsAudience });
  expect(payload['roles']).toEqual(['landfall.read', 'landfall.operate', 'landfall.admin', 'landfall.personal', 'landfall.usage']);
});

it.each([
  ['v2', 'a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client', 7000215],
  ['v1', 'a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client', 7000215],
  ['v2', 'no secret', { client_secret: undefined }, 401, 'invalid_client', 7000216],
  ['v1', 'no secret', { client_secret: undefined }, 401, 'invalid_client', 7000216],
  ['v1', 'an unknown application', { client_id: '00000000-0000-0000-0000-000000000001' }, 400, 'unauthorized_client', 700016],
  ['v1', 'no resource', { resource: undefined }, 400, 'invalid_request', 900144],
  ['v1', 'another grant', { grant_type: 'authorization_code' }, 400, 'unsupported_grant_type', 70003],
  ['v2', 'an unknown application', { client_id: '00000000-0000-0000-0000-000000000001' }, 400, 'unauthorized_client', 700016],
  ['v2', 'no application', { client_id: undefined }, 400, 'invalid_request', 900144],
  ['v2', 'no grant', { grant_type: undefined }, 400, 'invalid_request', 900144],
  ['v2', 'another grant', { grant_type: 'password' }, 400, 'unsupported_grant_type', 70003],
  ['v2', 'no scope', { scope: undefined }, 400, 'invalid_request', 900144],
  ['v2', 'a scope without /.default', { scope: marketplace }, 400, 'invalid_scope', 1002012],
  ['v2', 'an unknown resource', { scope: 'api://nothing/.default' }, 400, 'invalid_resource', 500011],
  ['v1', 'an unknown resource', { resource: 'd2c1f000-d599-489b-a797-3e10e42fbe22' }, 400, 'invalid_resource', 500011],
] as const)('answers as Entra does, at %s for %s', async (version, _what, changes, status, error, code) => {
  expect(await ask(version, changes)).toMatchObject({
    status,
    body: {
      error,
      error_codes: [code],
      error_description: expect.stringContaining(`AADSTS${code}`),
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/),
      trace_id: expect.any(String),
      correlation_id: expect.any(String),
      error_uri: expect.stringContaining(String(code)),
    },
  });
});

it.each([
  ['the former id of the marketplace', '62d94f6c-d599-489b-a797-3e10e42fbe22'],
  ['Graph', '00000003-0000-0000-c000-000000000000'],
])('grants a token for %s, which the marketplace refuses', async (_what, resource) => {
  const { status, body } = await ask('v1', { resource });
  expect({ status, aud: decodeJwt(body.access_token).aud }).toEqual({ status: 200, aud: resource });
  const list = `${emulator.apiUrl}/saas/subscriptions?api-version=2018-08-31`;
  expect((await call('GET', list, undefined, { authorization: `Bearer ${body.access_token}` })).status).toBe(403);
});

it('answers as Entra does what is asked by GET, or in no form', async () => {
  const endpoint = `${emulator.authorityUrl}/${emulator.tenantId}/oauth2/v2.0/token`;
  expect(await call('GET', endpoint)).toMatchObject({ status: 400, body: { error: 'invalid_request', error_codes: [900561] } });
  expect(await call('POST', endpoint, { grant_type: 'client_credentials' })).toMatchObject({
    status: 400,
    body: { error_codes: [900144] },
  });
  expect(await call('POST', endpoint, '{')).toMatchObject({ status: 400, body: { error: 'invalid_request', error_codes: [9002313] } });
});

it.each([
  ['its tenant does not hold it', 'f4b21a00-7c3e-4d59-8e11-0c5a9f000001', 'unauthorized_client', 700016],
  ['common has no applications', 'common', 'invalid_request', 50194],
])('gives an application a token in its own tenant only: %s', async (_why, tenant, error, code) => {
  expect(await ask('v2', {}, tenant)).toMatchObject({ status: 400, body: { error, error_codes: [code] } });
});

it('answers 400 for a tenant that does not exist', async () => {
  expect(await ask('v2', {}, '00000000-0000-0000-0000-00000000dead')).toMatchObject({
    status: 400,
    body: { error: 'invalid_request', error_codes: [90002] },
  });
});

it('ends the tokens of a withdrawn key at once, those that were used before included', async () => {
  const token = (await ask('v2')).body.access_token;
  const status = async () =>
    (await call('GET', `${emulator.apiUrl}/saas/subscriptions?api-version=2018-08-31`, undefined, { authorization: `Bearer ${token}` }))
      .status;
  expect(await status()).toBe(200);
  await call('POST', `${emulator.controlUrl}/keys/rotate`);
  expect(await status()).toBe(200);
  await call('POST', `${emulator.controlUrl}/keys/rotate`, { withdrawOld: true });
  expect(await status()).toBe(403);
});
