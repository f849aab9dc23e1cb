import * as oidc from 'openid-client';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { startEmulator } from '../../emulator';
import type { RunningEmulator } from '../../emulator.options';
import { call } from '../../testing/publisher';
import { TestSignIn, type SignInOptions } from '../../testing/sign-in';

const olga = 'a1e5c8d2-0b6f-4c57-9a41-5d3f1c000006';
const rory = 'a1e5c8d2-0b6f-4c57-9a41-5d3f1c000007';
let emulator: RunningEmulator;

beforeAll(async () => {
  emulator = await startEmulator();
});

afterAll(() => emulator.stop());

function operatorSignIn({ tenant = emulator.tenantId, changes = {} }: SignInOptions = {}) {
  const { operatorsClientId: clientId, operatorsClientSecret: clientSecret } = emulator;
  return new TestSignIn(emulator, {
    tenant,
    clientId,
    clientSecret,
    changes: { scope: `openid ${emulator.operatorsAudience}/.default`, ...changes },
  });
}

async function rolesIn(token: string, audience: string): Promise<unknown> {
  const { issuer, jwks_uri } = (await call('GET', `${emulator.operatorsAuthorityUrl}/.well-known/openid-configuration`)).body;
  return (await jwtVerify(token, createRemoteJWKSet(new URL(jwks_uri)), { issuer, audience, algorithms: ['RS256'] })).payload['roles'];
}

it("signs an operator in with roles, in the ID token and in the access token for the publisher's own services, as a strict client checks it", async () => {
  const { operatorsAuthorityUrl, operatorsClientId, operatorsClientSecret, operatorsAudience } = emulator;
  const config = await oidc.discovery(new URL(operatorsAuthorityUrl), operatorsClientId, operatorsClientSecret, undefined, {
    execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
  });
  const [verifier, nonce, state] = [oidc.randomPKCECodeVerifier(), oidc.randomNonce(), oidc.randomState()];
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: TestSignIn.redirectUri,
    scope: `openid profile offline_access ${operatorsAudience}/.default`,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    nonce,
    state,
  });
  const chosen = await fetch(url, { method: 'POST', body: new URLSearchParams({ person: olga }), redirect: 'manual' });
  const callback = new URL(chosen.headers.get('location') as string);
  const checks = { pkceCodeVerifier: verifier, expectedNonce: nonce, expectedState: state };
  const tokens = await oidc.authorizationCodeGrant(config, callback, checks);
  const roles = ['landfall.read', 'landfall.operate', 'landfall.admin', 'landfall.personal', 'landfall.usage'];
  expect(tokens.claims()).toMatchObject({ oid: olga, tid: emulator.tenantId, name: 'Olga Operator', roles });
  expect(await rolesIn(tokens.access_token, operatorsAudience)).toEqual(roles);
  const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token as string);
  expect(await rolesIn(refreshed.access_token, operatorsAudience)).toEqual(roles);
});

it('gives a reader the first role alone, and a colleague who was added those that were named', async () => {
  const roles = async (person: string) => rolesIn((await operatorSignIn().tokens({ person })).access_token, emulator.operatorsAudience);
  expect(await roles(rory)).toEqual(['landfall.read']);
  const add = async (more: object) =>
    (await call('POST', `${emulator.controlUrl}/people`, { tenantId: emulator.tenantId, emailId: 'kim@contoso.example', ...more })).body.id;
  expect(await roles(await add({ roles: ['landfall.operate'] }))).toEqual(['landfall.operate']);
  expect(await roles(await add({}))).toBeUndefined();
});

it("is there for people of the publisher's tenant alone, at its own authority", async () => {
  const page = (await operatorSignIn().page()).body;
  expect([page.includes(olga), page.includes('ada@fabrikam.example'), page.includes('add-person')]).toEqual([true, false, false]);
  const ada = 'a1e5c8d2-0b6f-4c57-9a41-5d3f1c000001';
  expect((await operatorSignIn().outcome({ person: ada })).get('error')).toBe('access_denied');
  expect((await operatorSignIn({ tenant: 'common' }).page()).body).toContain('AADSTS50194');
});

it('does not offer operators to the customers, nor give them roles there', async () => {
  const customers = await startEmulator({ settings: { signinRedirectUris: [TestSignIn.redirectUri] } });
  const signIn = new TestSignIn(customers);
  expect((await signIn.page()).body).not.toContain(olga);
  expect((await signIn.submit({ person: olga })).status).toBe(400);
  const asked = new TestSignIn(customers, { changes: { scope: `openid ${customers.operatorsAudience}/.default` } });
  const colleague = { tenantId: customers.tenantId, emailId: 'kim@contoso.example', roles: ['landfall.admin'] };
  const { access_token } = await asked.tokens({ person: (await call('POST', `${customers.controlUrl}/people`, colleague)).body.id });
  expect(JSON.parse(Buffer.from(access_token.split('.')[1], 'base64url').toString())).not.toHaveProperty('roles');
  await customers.stop();
});

it('leads back to this machine unless addresses are registered, and then to those', async () => {
  const status = async (redirect_uri: string) => (await operatorSignIn({ changes: { redirect_uri } }).page()).status;
  expect([await status('http://127.0.0.1:8081/callback'), await status('https://elsewhere.example/')]).toEqual([200, 400]);
  await call('PATCH', `${emulator.controlUrl}/settings`, { operatorsRedirectUris: ['https://console.example/callback'] });
  expect([await status('http://127.0.0.1:8081/callback'), await status('https://console.example/callback')]).toEqual([400, 200]);
});
