import { ConfidentialClientApplication } from '@azure/msal-node';
import * as oidc from 'openid-client';
import { startEmulator } from '../../emulator';
import type { RunningEmulator } from '../../emulator.options';
import { builtInPeople, consumerTenantId, type Person } from '../../people/person';
import { msalNetworkTo } from '../../testing/msal.network';

const redirectUri = 'http://localhost:4711/signin/callback';
const [ada, , chen, dora] = builtInPeople as [Person, Person, Person, Person];
let emulator: RunningEmulator;

beforeAll(async () => {
  emulator = await startEmulator({ settings: { signinRedirectUris: [redirectUri] } });
});

afterAll(() => emulator.stop());

/**
 * As a client of the real service does it: discovery at `login.microsoftonline.com`, whose issuer template openid-client fills with the
 * `tid` of the token. Only that host is led elsewhere; everything else comes from the discovery document.
 */
function discover(tenant = 'common', secret = emulator.signinClientSecret): Promise<oidc.Configuration> {
  const toEmulator: oidc.CustomFetch = (url, options) =>
    fetch(url.replace('https://login.microsoftonline.com', emulator.authorityUrl), options as RequestInit);
  return oidc.discovery(new URL(`https://login.microsoftonline.com/${tenant}/v2.0`), emulator.signinClientId, secret, undefined, {
    [oidc.customFetch]: toEmulator,
    execute: [oidc.allowInsecureRequests],
  });
}

interface SignIn {
  url: URL;
  verifier: string;
  nonce: string;
  state: string;
}

async function begin(config: oidc.Configuration, changes: Record<string, string> = {}): Promise<SignIn> {
  const [verifier, nonce, state] = [oidc.randomPKCECodeVerifier(), oidc.randomNonce(), oidc.randomState()];
  const challenge = await oidc.calculatePKCECodeChallenge(verifier);
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid profile email',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    nonce,
    state,
    ...changes,
  });
  return { url, verifier, nonce, state };
}

/** Chooses on the sign-in page and returns where the browser is sent. */
async function choose(url: URL, form: Record<string, string>): Promise<URL> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
  expect(response.status).toBe(303);
  return new URL(response.headers.get('location') as string);
}

function redeem(config: oidc.Configuration, callback: URL, { verifier, nonce, state }: SignIn) {
  return oidc.authorizationCodeGrant(config, callback, { pkceCodeVerifier: verifier, expectedNonce: nonce, expectedState: state });
}

async function signIn(form: Record<string, string>) {
  const config = await discover();
  const started = await begin(config);
  return { config, tokens: await redeem(config, await choose(started.url, form), started) };
}

it('shows a page of people, without asking anything of a browser but HTML', async () => {
  const page = await fetch((await begin(await discover())).url);
  expect(page.headers.get('set-cookie')).toBeNull();
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  const html = await page.text();
  for (const person of builtInPeople) expect(html).toContain(person.id);
  expect(html).not.toContain('<script');
});

it('signs in a person of a work tenant, with the issuer of that tenant and the claims of the contract', async () => {
  const { config, tokens } = await signIn({ person: ada.id });
  expect(tokens.claims()).toMatchObject({
    aud: emulator.signinClientId,
    iss: `${emulator.authorityUrl}/${ada.tenantId}/v2.0`,
    tid: ada.tenantId,
    oid: ada.id,
    preferred_username: ada.userPrincipalName,
    name: ada.displayName,
    email: ada.mail,
  });
  const subject = tokens.claims()?.sub as string;
  expect(await oidc.fetchUserInfo(config, tokens.access_token, subject)).toMatchObject({ name: ada.displayName });
});

it('signs in a personal account with the consumer tenant', async () => {
  expect((await signIn({ person: dora.id })).tokens.claims()).toMatchObject({ tid: consumerTenantId, oid: dora.id });
});

it('gives no address for a person without a mailbox', async () => {
  expect((await signIn({ person: chen.id })).tokens.claims()).not.toHaveProperty('email');
});

it('adds a person on the page: colleagues share a tenant', async () => {
  const { tokens } = await signIn({ add: '1', emailId: 'new@fabrikam.example', displayName: 'New', kind: 'work' });
  expect(tokens.claims()).toMatchObject({ tid: ada.tenantId, name: 'New', email: 'new@fabrikam.example' });
});

it('redeems a code only once', async () => {
  const config = await discover();
  const started = await begin(config);
  const callback = await choose(started.url, { person: ada.id });
  await redeem(config, callback, started);
  await expect(redeem(config, callback, started)).rejects.toMatchObject({ error: 'invalid_grant' });
});

it('redeems no code without the verifier that belongs to it, nor with a wrong secret', async () => {
  const config = await discover();
  const [started, another] = [await begin(config), await begin(config)];
  await expect(
    redeem(config, await choose(started.url, { person: ada.id }), { ...started, verifier: another.verifier }),
  ).rejects.toMatchObject({ error: 'invalid_grant' });
  const wrong = await discover('common', 'wrong');
  await expect(redeem(wrong, await choose(started.url, { person: ada.id }), started)).rejects.toMatchObject({
    error: 'invalid_client',
    status: 401,
  });
});

it('signs in for an application that does without PKCE, as its secret allows, or with its plain form; but never with half of it', async () => {
  const config = await discover();
  const redeemed = async (changes: Record<string, string>, pkceCodeVerifier?: string) => {
    const { state, nonce } = await begin(config);
    const url = oidc.buildAuthorizationUrl(config, { redirect_uri: redirectUri, scope: 'openid', state, nonce, ...changes });
    const checks = { expectedNonce: nonce, expectedState: state, ...(pkceCodeVerifier ? { pkceCodeVerifier } : {}) };
    return oidc.authorizationCodeGrant(config, await choose(url, { person: ada.id }), checks);
  };
  const verifier = oidc.randomPKCECodeVerifier();
  expect((await redeemed({})).claims()).toMatchObject({ oid: ada.id });
  expect((await redeemed({ code_challenge: verifier, code_challenge_method: 'plain' }, verifier)).claims()).toMatchObject({ oid: ada.id });
  await expect(redeemed({}, verifier)).rejects.toMatchObject({ error: 'invalid_grant' });
  await expect(redeemed({ code_challenge: verifier, code_challenge_method: 'plain' })).rejects.toMatchObject({ error: 'invalid_request' });
});

it('reports to an application that it did without PKCE, where that is required', async () => {
  const strict = await startEmulator({ settings: { signinRedirectUris: [redirectUri], signinPkce: 'required' } });
  const query = new URLSearchParams({
    client_id: strict.signinClientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid',
  });
  const response = await fetch(`${strict.authorityUrl}/common/oauth2/v2.0/authorize?${query}`, { redirect: 'manual' });
  expect(new URL(response.headers.get('location') as string).searchParams.get('error')).toBe('invalid_request');
  await strict.stop();
});

it('shows an error and sends nobody to a redirect URI that is not registered exactly', async () => {
  for (const uri of [`${redirectUri}/`, 'http://localhost:4711/', 'https://elsewhere.example/']) {
    const { url } = await begin(await discover(), { redirect_uri: uri });
    const page = await fetch(url, { redirect: 'manual' });
    expect(page.status).toBe(400);
    expect(await page.text()).toContain('AADSTS50011');
  }
});

it.each([
  ['an unknown way of PKCE', { code_challenge_method: 'S512' }, 'invalid_request'],
  ['another response', { response_type: 'token' }, 'unsupported_response_type'],
  ['no openid scope', { scope: 'profile' }, 'invalid_scope'],
  ['silence', { prompt: 'none' }, 'login_required'],
])('reports to the application that it asked for %s', async (_what, changes, error) => {
  const { url, state } = await begin(await discover(), changes);
  const response = await fetch(url, { redirect: 'manual' });
  const { searchParams } = new URL(response.headers.get('location') as string);
  expect([searchParams.get('error'), searchParams.get('state')]).toEqual([error, state]);
});

it('reports a cancelled sign-in, and a person who is not of the tenant asked for', async () => {
  const config = await discover('organizations');
  expect((await choose((await begin(config)).url, { cancel: '1' })).searchParams.get('error')).toBe('access_denied');
  expect((await choose((await begin(config)).url, { person: dora.id })).searchParams.get('error')).toBe('access_denied');
});

it('takes redirect URIs on the origin of the landing page while none is registered', async () => {
  const open = await startEmulator({ landingUrl: 'http://localhost:4712/landing' });
  const url = (uri: string) =>
    `${open.authorityUrl}/common/oauth2/v2.0/authorize?${new URLSearchParams({ client_id: open.signinClientId, redirect_uri: uri, response_type: 'code', scope: 'openid', code_challenge: 'x', code_challenge_method: 'S256' })}`;
  expect((await fetch(url('http://localhost:4712/callback'))).status).toBe(200);
  expect((await fetch(url('http://localhost:4713/callback'))).status).toBe(400);
  await open.stop();
});

it('gives msal-node a token for the marketplace, by a network client that leads its https authority here', async () => {
  const authority = emulator.authorityUrl.replace('http:', 'https:');
  const networkClient = msalNetworkTo(authority);
  const auth = {
    clientId: emulator.clientId,
    clientSecret: emulator.clientSecret,
    authority: `${authority}/${emulator.tenantId}`,
    knownAuthorities: [new URL(authority).host],
  };
  const client = new ConfidentialClientApplication({ auth, system: { networkClient } });
  const result = await client.acquireTokenByClientCredential({ scopes: ['20e940b3-4c77-4b0b-9a53-9e16a1b010a7/.default'] });
  expect(result?.accessToken.split('.')).toHaveLength(3);
});

it('gives msal-node the account of who signed in, with the ids that MSAL makes of client_info', async () => {
  const authority = emulator.authorityUrl.replace('http:', 'https:');
  const auth = {
    clientId: emulator.signinClientId,
    clientSecret: emulator.signinClientSecret,
    authority: `${authority}/common`,
    knownAuthorities: [new URL(authority).host],
  };
  const client = new ConfidentialClientApplication({ auth, system: { networkClient: msalNetworkTo(authority) } });
  const scopes = ['openid', 'profile', 'offline_access'];
  for (const { id, tenantId } of [ada, dora]) {
    const url = new URL((await client.getAuthCodeUrl({ scopes, redirectUri })).replace('https:', 'http:'));
    const code = (await choose(url, { person: id })).searchParams.get('code') as string;
    const { account } = await client.acquireTokenByCode({ code, scopes, redirectUri });
    expect(account).toMatchObject({ homeAccountId: `${id}.${tenantId}`, localAccountId: id, tenantId });
  }
});

it('has no client_info for who does not ask for it', async () => {
  const { tokens } = await signIn({ person: ada.id });
  expect(tokens).not.toHaveProperty('client_info');
});
