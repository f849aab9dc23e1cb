import { limits } from '../limits';
import { marketplaceAppId } from '../installation/installation';
import { Publisher, tokenIn } from '../testing/publisher';

let publisher: Publisher;

beforeAll(async () => {
  publisher = await Publisher.start();
});

beforeEach(() => publisher.control('DELETE', '/breaches'));
afterAll(() => publisher.stop());

const api = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  publisher.api(method, path, body, { 'x-ms-requestid': crypto.randomUUID(), ...headers });

/** Names of the rules that were broken since the spec began, apart from the Activate of `publisher.subscribe`. */
async function broken(): Promise<string[]> {
  const { breaches } = (await publisher.control('GET', '/breaches')).body;
  const names = breaches.map(({ rule }: { rule: string }) => rule);
  return names.filter((rule: string) => rule !== 'activate-without-resolve');
}

async function resolveWith(change: (token: string) => string): Promise<number> {
  const { landingUrl } = (await publisher.control('POST', '/purchases')).body;
  return (await api('POST', '/saas/subscriptions/resolve', undefined, { 'x-ms-marketplace-token': change(tokenIn(landingUrl)) })).status;
}

it.each([
  ['with blanks', (token: string) => token.replaceAll('+', ' ')],
  ['still encoded', (token: string) => encodeURIComponent(token)],
])('sees a purchase token that comes %s', async (_how, change) => {
  expect([await resolveWith(change), await broken()]).toEqual([400, ['damaged-token']]);
});

it('records nothing wrong with a purchase token that was decoded once, nor with one that was never ours', async () => {
  expect([await resolveWith((token) => token), await resolveWith(() => 'bnVsbA=='), await broken()]).toEqual([200, 400, []]);
});

it('distinguishes a browser from a back end, also from one that calls with the fetch of Node', async () => {
  await api('GET', '/saas/subscriptions');
  expect(await broken()).toEqual([]);
  await api('GET', '/saas/subscriptions', undefined, { 'sec-fetch-site': 'cross-site', origin: 'https://app.example' });
  expect(await broken()).toEqual(['from-browser']);
});

it('records a call without its version, also one that is refused for its token', async () => {
  const { apiUrl } = publisher.emulator;
  await api('GET', `${apiUrl}/saas/subscriptions`);
  await api('GET', `${apiUrl}/saas/subscriptions?api-version=2017-04-15`, undefined, { authorization: 'Bearer nothing' });
  expect(await broken()).toEqual(['api-version', 'api-version']);
});

it('sees a call about a subscription of another application, and nothing wrong with Resolve, which names none', async () => {
  const { clientId } = (await publisher.control('POST', '/applications', { publishedToPreview: true })).body;
  await publisher.control('PUT', '/offers/somebody-elses', { plans: [{ planId: 'basic' }], applicationId: clientId });
  const { subscriptionId, landingUrl } = (await publisher.control('POST', '/purchases', { offerId: 'somebody-elses' })).body;
  const resolved = await api('POST', '/saas/subscriptions/resolve', undefined, { 'x-ms-marketplace-token': tokenIn(landingUrl) });
  expect([resolved.status, await broken()]).toEqual([403, []]);
  expect((await api('GET', `/saas/subscriptions/${subscriptionId}`)).status).toBe(403);
  expect(await broken()).toEqual(['foreign-subscription']);
});

it('records what was stored when a change is asked for', async () => {
  const reseller = await publisher.buy({ channel: 'csp' });
  await api('DELETE', `/saas/subscriptions/${reseller}`);
  const id = await publisher.subscribe();
  await api('PATCH', `/saas/subscriptions/${id}`, { planId: 'gold', quantity: 5 });
  expect(await broken()).toEqual(['resellers-purchase', 'two-changes-at-once']);
});

it('records which status the publisher had received before it activates', async () => {
  const { subscriptionId, landingUrl } = (await publisher.control('POST', '/purchases')).body;
  await publisher.control('POST', `/subscriptions/${subscriptionId}/unsubscribe`);
  await api('POST', `/saas/subscriptions/${subscriptionId}/activate`);
  expect(await broken()).toEqual([]);
  await api('POST', '/saas/subscriptions/resolve', undefined, { 'x-ms-marketplace-token': tokenIn(landingUrl) });
  await publisher.control('PATCH', '/settings', { webhookUrl: null });
  const other = (await publisher.control('POST', '/purchases')).body;
  await publisher.control('POST', `/subscriptions/${other.subscriptionId}/unsubscribe`);
  await api('POST', '/saas/subscriptions/resolve', undefined, { 'x-ms-marketplace-token': tokenIn(other.landingUrl) });
  await api('POST', `/saas/subscriptions/${other.subscriptionId}/activate`);
  expect(await broken()).toEqual(['activate-in-vain']);
});

it('records a link that was encoded again, and nothing wrong with one that is used verbatim', async () => {
  await publisher.control('PATCH', '/settings', { listPageSizeMin: 1, listPageSizeMax: 1 });
  for (const _ of [1, 2]) await publisher.buy();
  const link = (await api('GET', '/saas/subscriptions')).body['@nextLink'];
  expect((await api('GET', link)).status).toBe(200);
  expect(await broken()).toEqual([]);
  expect((await api('GET', link.replaceAll('%', '%25'))).status).toBe(400);
  expect(await broken()).toEqual(['link-encoded-again']);
});

it('records usage as it was reported, and as it was decided about', async () => {
  const id = await publisher.subscribe({ offerId: publisher.emulator.meteredOfferId });
  const usage = { resourceId: id, dimension: 'emails', planId: 'base', effectiveStartTime: new Date().toISOString(), quantity: 5 };
  expect((await api('POST', '/usageEvent', usage)).status).toBe(200);
  expect((await api('POST', '/usageEvent', usage)).status).toBe(409);
  expect((await api('POST', '/batchUsageEvent', { request: [usage] })).body.result).toMatchObject([{ status: 'Duplicate' }]);
  expect(await broken()).toEqual([]);
  await api('POST', '/usageEvent', { ...usage, quantity: 6 });
  await api('POST', '/batchUsageEvent', {
    request: [
      { ...usage, quantity: 7 },
      { ...usage, dimension: 'texts', quantity: 0 },
    ],
  });
  await api('POST', '/batchUsageEvent', [usage]);
  expect((await broken()).sort()).toEqual(['usage-batch-unwrapped', 'usage-of-nothing', 'usage-twice-in-an-hour']);
});

it('records which token a call comes with, and that nearly every call fetches one', async () => {
  const { authorityUrl, tenantId, clientId, clientSecret } = publisher.emulator;
  const form = {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: `${marketplaceAppId}/.default`,
  };
  for (let time = 0; time <= limits.tokensCompared; time++) {
    const answer = await fetch(`${authorityUrl}/${tenantId}/oauth2/v2.0/token`, { method: 'POST', body: new URLSearchParams(form) });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    expect((await api('GET', '/saas/subscriptions?continuationToken=', undefined, { authorization: `Bearer ${token}` })).status).toBe(200);
  }
  expect(await broken()).toContain('token-per-call');
});
