import { decodeJwt } from 'jose';
import { Publisher, tokenIn } from '../testing/publisher';

const marketplace = '20e940b3-4c77-4b0b-9a53-9e16a1b010a7';
let publisher: Publisher;

beforeAll(async () => {
  publisher = await Publisher.start();
});

beforeEach(async () => {
  await publisher.control('POST', '/reset');
  publisher.received.length = 0;
});

afterAll(() => publisher.stop());

interface Credentials {
  clientId: string;
  clientSecret: string;
  tenantId: string;
}

async function register(wanted: object = {}): Promise<Credentials> {
  const { status, body } = await publisher.control('POST', '/applications', wanted);
  expect(status).toBe(201);
  return body;
}

async function ask({ clientId, clientSecret, tenantId }: Credentials): Promise<{ access_token: string; error_codes?: number[] }> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: `${marketplace}/.default`,
  });
  const response = await fetch(`${publisher.emulator.authorityUrl}/${tenantId}/oauth2/v2.0/token`, { method: 'POST', body: form });
  return (await response.json()) as { access_token: string };
}

/** A call of the API as another application. */
async function as(application: Credentials, method: string, path: string, headers: Record<string, string> = {}) {
  const { access_token } = await ask(application);
  return publisher.api(method, path, undefined, { authorization: `Bearer ${access_token}`, ...headers });
}

const own = (): Credentials => publisher.emulator;

it('refuses every call before publishing to preview, whatever is called, and at once after it', async () => {
  const id = await publisher.subscribe();
  await publisher.control('PATCH', `/applications/${own().clientId}`, { publishedToPreview: false });
  for (const [method, path] of [
    ['GET', '/saas/subscriptions'],
    ['GET', `/saas/subscriptions/${id}`],
    ['PATCH', `/saas/subscriptions/${id}`],
    ['GET', `/saas/subscriptions/${id}/operations`],
    ['POST', '/saas/subscriptions/resolve'],
    ['GET', '/nothing'],
  ] as const) {
    expect(await publisher.api(method, path)).toMatchObject({ status: 403, body: expect.any(String) });
  }
  await publisher.control('PATCH', `/applications/${own().clientId}`, { publishedToPreview: true });
  expect((await publisher.api('GET', '/saas/subscriptions')).status).toBe(200);
});

it('starts unpublished on request', async () => {
  const unpublished = await Publisher.start({ publishedToPreview: false });
  expect((await unpublished.api('GET', '/saas/subscriptions')).status).toBe(403);
  await unpublished.stop();
});

it('gives another application a token and nothing else: no list before it is let in, and never a subscription of an offer that is not its own', async () => {
  const { subscriptionId: id, landingUrl } = (await publisher.control('POST', '/purchases')).body;
  const other = await register();
  expect((await as(other, 'GET', '/saas/subscriptions')).status).toBe(403);
  await publisher.control('PATCH', `/applications/${other.clientId}`, { publishedToPreview: true });

  expect(await as(other, 'GET', '/saas/subscriptions')).toMatchObject({ status: 200, body: {} });
  const { operationId } = (await publisher.control('POST', `/subscriptions/${await publisher.subscribe()}/renew`)).body;
  for (const [method, path] of [
    ['GET', ''],
    ['DELETE', ''],
    ['PATCH', ''],
    ['POST', '/activate'],
    ['GET', '/listAvailablePlans'],
    ['GET', '/operations'],
    ['GET', `/operations/${operationId}`],
    ['PATCH', `/operations/${operationId}`],
  ] as const) {
    expect(await as(other, method, `/saas/subscriptions/${id}${path}`)).toMatchObject({ status: 403, body: expect.any(String) });
  }
  const resolved = await as(other, 'POST', '/saas/subscriptions/resolve', { 'x-ms-marketplace-token': tokenIn(landingUrl) });
  expect(resolved.status).toBe(403);
  expect((await publisher.truth(id)).activateCalls).toBe(0);
});

it('shows each application the subscriptions of its own offers, on pages of their own, and signs the webhooks of those for it and its tenant', async () => {
  const other = await register({ tenantId: 'aaaaaaaa-0000-4000-8000-000000000003', publishedToPreview: true });
  const offer = (await publisher.control('GET', `/offers/${publisher.emulator.perSeatOfferId}`)).body;
  await publisher.control('PUT', '/offers/tailspin', { ...offer, offerId: 'tailspin', applicationId: other.clientId });
  await publisher.control('PATCH', '/settings', { listPageSizeMin: 2, listPageSizeMax: 2 });
  const bought = { own: [] as string[], other: [] as string[] };
  for (let time = 0; time < 3; time++) {
    bought.own.push(await publisher.buy());
    bought.other.push(await publisher.buy({ offerId: 'tailspin', preview: true }));
  }
  const listed = async (application: Credentials) => {
    const ids: string[] = [];
    for (let path = '/saas/subscriptions'; path;) {
      const { body } = await as(application, 'GET', path);
      ids.push(...body.subscriptions.map(({ id }: { id: string }) => id));
      path = body['@nextLink'];
    }
    return ids;
  };
  expect({ own: await listed(own()), other: await listed(other) }).toEqual(bought);
  expect((await as(other, 'GET', `/saas/subscriptions/${bought.other[0]}`)).status).toBe(200);
  expect((await as(own(), 'GET', `/saas/subscriptions/${bought.other[0]}`)).status).toBe(403);

  await publisher.control('POST', `/subscriptions/${bought.other[0]}/unsubscribe`);
  const [webhook] = await publisher.webhooks(1);
  const { authorityUrl } = publisher.emulator;
  const claims = decodeJwt(webhook?.bearerToken as string);
  expect(claims).toMatchObject({ aud: other.clientId, tid: other.tenantId, iss: `${authorityUrl}/${other.tenantId}/v2.0` });
  expect((await publisher.control('DELETE', `/applications/${other.clientId}`)).status).toBe(409);
});

it('refuses where Technical configuration names another tenant than that of the application', async () => {
  await publisher.control('PATCH', `/applications/${own().clientId}`, { technicalTenantId: 'aaaaaaaa-0000-4000-8000-000000000001' });
  expect((await publisher.api('GET', '/saas/subscriptions')).status).toBe(403);
});

it('refuses tokens without oid, as an application without a service principal gets them, unless the setting accepts them', async () => {
  await publisher.control('PATCH', `/applications/${own().clientId}`, { servicePrincipal: false });
  expect(decodeJwt((await ask(own())).access_token)).not.toHaveProperty('oid');
  expect((await as(own(), 'GET', '/saas/subscriptions')).status).toBe(403);
  await publisher.control('PATCH', '/settings', { tokensWithoutOid: 'accepted' });
  expect((await as(own(), 'GET', '/saas/subscriptions')).status).toBe(200);
  await publisher.control('PATCH', '/settings', { tokensWithoutOid: 'refused' });
  await publisher.control('PATCH', `/applications/${own().clientId}`, { servicePrincipal: true });
  expect((await as(own(), 'GET', '/saas/subscriptions')).status).toBe(200);
});

it('takes any secret that is valid, and reports an expired one as expired', async () => {
  const path = `/applications/${own().clientId}`;
  await publisher.control('PATCH', path, { secretExpiresAt: '2020-01-01T00:00:00Z' });
  expect(await ask(own())).toMatchObject({ error: 'invalid_client', error_codes: [7000222] });
  const next = (await publisher.control('POST', `${path}/secrets`)).body;
  const { access_token } = await ask({ ...own(), clientSecret: next.clientSecret });
  expect(decodeJwt(access_token)).toMatchObject({ appid: own().clientId });
  expect((await publisher.control('DELETE', `${path}/secrets/${next.secretId}`)).status).toBe(204);
  expect(await ask({ ...own(), clientSecret: next.clientSecret })).toMatchObject({ error_codes: [7000215] });
});

it('shows a secret once', async () => {
  const { clientId, clientSecret } = await register({ secret: 'chosen-by-the-test' });
  expect(clientSecret).toBe('chosen-by-the-test');
  const { body } = await publisher.control('GET', `/applications/${clientId}`);
  expect(body).toMatchObject({ clientId, tenantId: own().tenantId, publishedToPreview: false, offers: [] });
  expect(JSON.stringify(body)).not.toContain(clientSecret);
});

it('gives an application tokens of its own tenant alone', async () => {
  const other = await register({ tenantId: 'aaaaaaaa-0000-4000-8000-000000000002' });
  expect(decodeJwt((await ask(other)).access_token)).toMatchObject({ tid: other.tenantId, appid: other.clientId });
  expect(await ask({ ...other, tenantId: own().tenantId })).toMatchObject({ error: 'unauthorized_client', error_codes: [700016] });
});

it('does not remove the application of the installation, and removes the others and every change with a reset', async () => {
  const other = await register();
  const path = `/applications/${own().clientId}`;
  expect((await publisher.control('DELETE', path)).status).toBe(409);
  await publisher.control('PATCH', path, { publishedToPreview: false, secretExpiresAt: '2020-01-01T00:00:00Z' });
  await publisher.control('POST', '/reset');
  expect((await publisher.control('GET', '/applications')).body.applications).toHaveLength(1);
  expect(await ask(other)).toMatchObject({ error: 'unauthorized_client' });
  expect((await as(own(), 'GET', '/saas/subscriptions')).status).toBe(200);
});

it('removes an application, whose tokens are refused from then on', async () => {
  const other = await register({ publishedToPreview: true });
  const { access_token } = await ask(other);
  const headers = { authorization: `Bearer ${access_token}` };
  expect((await publisher.api('GET', '/saas/subscriptions', undefined, headers)).status).toBe(200);
  expect((await publisher.control('DELETE', `/applications/${other.clientId}`)).status).toBe(204);
  expect((await publisher.api('GET', '/saas/subscriptions', undefined, headers)).status).toBe(403);
});

it.each([
  ['clientId', { clientId: 'no-guid' }],
  ['secretExpiresAt', { secretExpiresAt: 'tomorrow' }],
  ['(body)', { typo: true }],
])('reports what is wrong with %s', async (field, wanted) => {
  const { status, body } = await publisher.control('POST', '/applications', wanted);
  expect({ status, field: body.problems[0].field }).toEqual({ status: 400, field });
});
