import { Publisher } from '../testing/publisher';
import { actsOf, of, pathOf } from './acts';
import { text } from './shapes';

/**
 * Contract 9.2, row by row: what Microsoft is seen to do by default, and what the switch makes of it. Here: what the API, the clock and
 * metering do.
 */

const flat = { offerId: 'contoso-reach' };
const day = 86_400_000;

let publisher: Publisher;
let { read, set, advance, act, landing, resolve } = {} as ReturnType<typeof actsOf>;

beforeAll(async () => {
  publisher = await Publisher.start();
  ({ read, set, advance, act, landing, resolve } = actsOf(publisher));
});

beforeEach(async () => {
  publisher.answer = () => 200;
  await publisher.control('POST', '/reset');
});

afterAll(() => publisher.stop());

describe('auth failure', () => {
  const knock = () => publisher.api('GET', '/saas/subscriptions', undefined, { authorization: 'Bearer nothing' });

  it('is 403 with a JSON string', async () => {
    expect(await knock()).toMatchObject({ status: 403, body: text });
  });

  it('may be 401 with an object', async () => {
    await set({ authFailureStyle: '401-object' });
    expect(await knock()).toMatchObject({ status: 401, body: { code: text, message: text } });
  });
});

it('token binding: a subscription is visible to the application of its offer alone', async () => {
  const { clientId } = (await publisher.control('POST', '/applications', { publishedToPreview: true })).body;
  await publisher.control('PUT', '/offers/somebody-elses', { plans: [{ planId: 'basic' }], applicationId: clientId });
  const id = await publisher.buy({ offerId: 'somebody-elses' });
  expect(await publisher.api('GET', pathOf(id))).toMatchObject({ status: 403 });
  expect((await publisher.api('GET', '/saas/subscriptions')).body).toEqual({});
});

it('ACL: before the offer is published to preview, every call is refused (pitfall 33)', async () => {
  const { clientId } = publisher.emulator;
  await publisher.control('PATCH', `/applications/${clientId}`, { publishedToPreview: false });
  expect((await publisher.api('GET', '/saas/subscriptions')).status).toBe(403);
  await publisher.control('PATCH', `/applications/${clientId}`, { publishedToPreview: true });
  expect((await publisher.api('GET', '/saas/subscriptions')).status).toBe(200);
});

it('a missing api-version is 400 with Error, Code and Message', async () => {
  const { status, body } = await publisher.api('GET', '/saas/subscriptions?api-version=');
  expect({ status, body }).toEqual({ status: 400, body: { Error: { Code: text, Message: text } } });
});

describe('the purchase token', () => {
  it('is opaque with plus, slash and equals sign, good for many uses, and for 24 hours', async () => {
    const id = await publisher.buy();
    const token = await landing(id);
    for (const character of ['+', '/', '=']) expect(token).toContain(character);
    expect(Buffer.from(token, 'base64').includes(id)).toBe(false);
    for (let use = 0; use < 3; use++) expect((await resolve(token)).status).toBe(200);
    await advance('PT23H59M');
    expect((await resolve(token)).status).toBe(200);
    await advance('PT2M');
    expect((await resolve(token)).status).toBe(400);
  });

  it('may be good for one use', async () => {
    await set({ purchaseTokenUses: 'once' });
    const token = await landing(await publisher.buy());
    expect([(await resolve(token)).status, (await resolve(token)).status]).toEqual([200, 400]);
  });

  it('may be minted by a clock that is wrong', async () => {
    await set({ purchaseTokenSkewMs: -2 * day });
    expect((await resolve(await landing(await publisher.buy()))).status).toBe(400);
  });
});

describe('the quantity of a flat rate', () => {
  it('is left out in REST, null in the snapshot of a webhook, and 1 at its top', async () => {
    const id = await publisher.subscribe(flat);
    expect(await read(id)).not.toHaveProperty('quantity');
    await act(id, 'suspend');
    const [suspended] = await publisher.webhooks(1, of(id, 'Suspend'));
    expect(suspended?.body).toMatchObject({ quantity: 1, subscription: { quantity: null } });
  });

  it('may be an empty text', async () => {
    await set({ flatRateQuantityInRest: 'empty' });
    expect(await read(await publisher.subscribe(flat))).toMatchObject({ quantity: '' });
  });
});

describe('Activate', () => {
  it('is answered 200 at once, with or without a body, and takes effect later', async () => {
    await set({ activationDelayMs: 60_000 });
    const id = await publisher.buy();
    expect((await publisher.api('POST', pathOf(id, '/activate'))).status).toBe(200);
    expect((await read(id)).saasSubscriptionStatus).toBe('PendingFulfillmentStart');
    await advance('PT61S');
    expect((await read(id)).saasSubscriptionStatus).toBe('Subscribed');
    expect((await publisher.api('POST', pathOf(id, '/activate'))).status).toBe(200);
  });

  it('may be refused for what is Subscribed already', async () => {
    await set({ activateWhenSubscribed: 400 });
    expect((await publisher.api('POST', pathOf(await publisher.subscribe(), '/activate'))).status).toBe(400);
  });

  it('may fail afterwards, which Unsubscribe announces', async () => {
    await set({ activationOutcome: 'fails' });
    const id = await publisher.buy();
    await publisher.api('POST', pathOf(id, '/activate'));
    await publisher.webhooks(1, of(id, 'Unsubscribe'));
    expect((await read(id)).saasSubscriptionStatus).toBe('Unsubscribed');
  });
});

describe('the list', () => {
  it('has pages of 60 to 100 with a link to a second host, and holds what is Unsubscribed', async () => {
    await publisher.control('POST', '/subscriptions/bulk', { count: 250, mix: { subscribed: 50, unsubscribed: 50 } });
    const first = (await publisher.api('GET', '/saas/subscriptions')).body;
    expect(first.subscriptions.length).toBeGreaterThanOrEqual(60);
    expect(first.subscriptions.length).toBeLessThanOrEqual(100);
    expect(new URL(first['@nextLink']).host).not.toBe(new URL(publisher.emulator.apiUrl).host);
    const seen = new Map<string, string>();
    for (let page = first; page; page = page['@nextLink'] && (await publisher.api('GET', page['@nextLink'])).body)
      for (const { id, saasSubscriptionStatus } of page.subscriptions) seen.set(id, saasSubscriptionStatus);
    expect(seen.size).toBe(250);
    expect([...seen.values()].filter((status) => status === 'Unsubscribed')).toHaveLength(125);
  });

  it('may have an empty page that has a link', async () => {
    await set({ emptyPageWithLink: 'before-every-page' });
    await publisher.buy();
    const { subscriptions, '@nextLink': link } = (await publisher.api('GET', '/saas/subscriptions')).body;
    expect([subscriptions, (await publisher.api('GET', link)).body.subscriptions.length]).toEqual([[], 1]);
  });
});

it('CSP: Read alone, and neither PATCH nor DELETE', async () => {
  const id = await publisher.subscribe({ channel: 'csp' });
  expect((await read(id)).allowedCustomerOperations).toEqual(['Read']);
  expect((await publisher.api('PATCH', pathOf(id), { planId: 'gold' })).status).toBe(400);
  expect((await publisher.api('DELETE', pathOf(id))).status).toBe(400);
});

it.each([
  ['fails', 'Failed', 'Subscribed'],
  ['succeeds', 'Succeeded', 'Unsubscribed'],
])('DELETE of a year after 72 hours is answered 202 and %s', async (annualCancellation, status, state) => {
  await set({ annualCancellation });
  const id = await publisher.subscribe({ termUnit: 'P1Y' });
  await advance('P4D');
  const { status: answered, headers } = await publisher.api('DELETE', pathOf(id));
  expect(answered).toBe(202);
  expect(await publisher.settled(id, headers.get('operation-id') as string)).toMatchObject({ status });
  expect((await read(id)).saasSubscriptionStatus).toBe(state);
});

it('clock: thirty days to activate, thirty days of suspension, and the term rolls', async () => {
  const [late, unpaid, renewed] = [await publisher.buy(), await publisher.subscribe(), await publisher.subscribe()];
  await act(unpaid, 'suspend');
  const { term } = await read(renewed);
  await advance('P29D');
  expect([(await read(late)).saasSubscriptionStatus, (await read(unpaid)).saasSubscriptionStatus]).toEqual([
    'PendingFulfillmentStart',
    'Suspended',
  ]);
  await advance('P3D');
  expect([(await read(late)).saasSubscriptionStatus, (await read(unpaid)).saasSubscriptionStatus]).toEqual([
    'Unsubscribed',
    'Unsubscribed',
  ]);
  expect(Date.parse((await read(renewed)).term.startDate)).toBe(Date.parse(term.endDate) + day);
  expect(publisher.received.filter(of(renewed, 'Renew'))).toHaveLength(1);
});

describe('metering', () => {
  it('takes an hour once, and has it reconciled on the next day', async () => {
    const resourceId = await publisher.subscribe(flat);
    const effectiveStartTime = new Date(Date.now() - 1_000).toISOString();
    const event = { resourceId, quantity: 2, dimension: 'emails', effectiveStartTime, planId: 'base' };
    expect((await publisher.api('POST', '/usageEvent', event)).status).toBe(200);
    expect((await publisher.api('POST', '/usageEvent', event)).status).toBe(409);
    const reconStatus = async () =>
      (await publisher.api('GET', `/usageEvents?usageStartDate=${effectiveStartTime.slice(0, 10)}`)).body[0].reconStatus;
    expect(await reconStatus()).toBe('Submitted');
    await advance('P2D');
    expect(await reconStatus()).toBe('Accepted');
  });

  it('answers a batch in its order, or in another', async () => {
    const resourceId = await publisher.subscribe(flat);
    const effectiveStartTime = new Date(Date.now() - 1_000).toISOString();
    const request = Array.from({ length: 12 }, (_, index) => ({
      ...{ resourceId, quantity: index + 1, dimension: 'emails', effectiveStartTime, planId: 'base' },
    }));
    const order = async () =>
      (await publisher.api('POST', '/batchUsageEvent', { request })).body.result.map(({ quantity }: { quantity: number }) => quantity);
    const asSent = request.map(({ quantity }) => quantity);
    expect(await order()).toEqual(asSent);
    await set({ batchResultOrder: 'shuffled' });
    const shuffled = await order();
    expect(shuffled).not.toEqual(asSent);
    expect(shuffled.toSorted((one: number, other: number) => one - other)).toEqual(asSent);
  });
});

describe('extras', () => {
  it('unknown members in what is answered, where asked for', async () => {
    const before = Object.keys(await read(await publisher.buy()));
    await set({ unknownProperties: 'some' });
    expect(Object.keys(await read(await publisher.buy())).length).toBeGreaterThan(before.length);
  });

  it('an unknown action', async () => {
    const id = await publisher.subscribe();
    await publisher.control('POST', `/subscriptions/${id}/webhooks`, { action: 'Transfer' });
    const [webhook] = await publisher.webhooks(1, ({ body }) => body.subscriptionId === id && (body.action as string) === 'Transfer');
    expect(webhook).toBeDefined();
  });

  it('the offer of a preview purchase ends with -preview', async () => {
    expect((await read(await publisher.buy({ preview: true }))).offerId).toBe('contoso-team-preview');
  });
});
