import { randomUUID } from 'node:crypto';
import { Publisher, tokenIn, until } from '../testing/publisher';

let publisher: Publisher;

beforeEach(async () => {
  publisher = await Publisher.start();
});

afterEach(() => publisher.stop());

const order = new TextEncoder().encode('{"planId": "gold", "quantity": 20}'); // bytes, so that fetch adds no content type

describe('a purchase', () => {
  it('needs nothing to be said', async () => {
    const { status, body } = await publisher.control('POST', '/purchases');
    expect(status).toBe(201);
    expect(await publisher.truth(body.subscriptionId)).toMatchObject({
      saasSubscriptionStatus: 'PendingFulfillmentStart',
      offerId: publisher.emulator.perSeatOfferId,
      planId: 'silver',
      channel: 'direct',
      operations: [],
    });
  });

  it('has the reseller as purchaser when one sells it', async () => {
    const { beneficiary, purchaser } = await publisher.truth(await publisher.buy({ channel: 'csp' }));
    expect(purchaser.tenantId).not.toBe(beneficiary.tenantId);
  });

  it('makes its people known, so that they can sign in', async () => {
    const objectId = randomUUID();
    await publisher.buy({ beneficiary: { objectId, emailId: 'zoe@tailspin.example' } });
    expect((await publisher.control('GET', '/people')).body.people).toContainEqual(
      expect.objectContaining({ id: objectId, mail: 'zoe@tailspin.example' }),
    );
  });

  it('is sent to the landing page with a token in which plus, slash and equals sign are encoded, behind what the address holds already', async () => {
    await publisher.control('PATCH', '/settings', { landingUrl: 'http://localhost:4711/landing?from=store' });
    for (let time = 0; time < 20; time++) {
      const { landingUrl } = (await publisher.control('POST', '/purchases')).body;
      expect(landingUrl).toMatch(/^http:\/\/localhost:4711\/landing\?from=store&token=[A-Za-z0-9%]+$/);
      for (const character of ['+', '/', '=']) expect(tokenIn(landingUrl)).toContain(character);
    }
  });

  it('can be opened again with a fresh token', async () => {
    const { subscriptionId, landingUrl } = (await publisher.control('POST', '/purchases')).body;
    const again = (await publisher.control('POST', `/subscriptions/${subscriptionId}/landing-links`)).body.landingUrl;
    expect(tokenIn(again)).not.toBe(tokenIn(landingUrl));
  });

  it.each([
    ['offerId', { offerId: 'nothing' }, 'contoso-team'],
    ['planId', { planId: 'brass' }, 'silver'],
    ['planId', { planId: 'bronze' }, 'no longer sold'],
    ['planId', { planId: 'silver', autoActivate: true }, 'instant'],
    ['planId', { planId: 'instant', autoActivate: false }, 'activated automatically'],
    ['quantity', { quantity: 101 }, '1 to 100'],
    ['quantity', { quantity: 0 }, '1'],
    ['quantity', { offerId: 'contoso-reach', quantity: 3 }, 'flat rate'],
    ['termUnit', { termUnit: 'P6M' }, 'P1Y'],
    ['termUnit', { termUnit: 'P5Y' }, 'P3Y'],
    ['channel', { channel: 'shop' }, 'csp'],
    ['(body)', { plan: 'silver' }, 'plan'],
  ])('with a wrong %s is answered 400 by what is allowed: %j', async (field, order, hint) => {
    const { status, body } = await publisher.control('POST', '/purchases', order);
    expect(status).toBe(400);
    expect(body.problems).toMatchObject([{ field, problem: expect.stringContaining(hint) }]);
    expect(body.error).toContain(hint);
  });

  it.each([
    ['that of JSON', { 'content-type': 'application/json' }],
    ['with its character set', { 'content-type': 'application/json; charset=utf-8' }],
    ['another kind of JSON', { 'content-type': 'application/problem+json' }],
  ])('is read under a JSON content type: %s', async (_what, headers) => {
    const response = await fetch(`${publisher.emulator.controlUrl}/purchases`, { method: 'POST', body: order, headers });
    const { subscriptionId } = (await response.json()) as { subscriptionId: string };
    expect(await publisher.truth(subscriptionId)).toMatchObject({ planId: 'gold', quantity: 20 });
  });

  it.each([
    ['none', {}],
    ['that of plain text', { 'content-type': 'text/plain' }],
    ['that of a form, as curl -d announces it', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['plain text that names JSON', { 'content-type': 'text/plain; application/json' }],
  ])('is answered 415 under any other content type: %s', async (_what, headers) => {
    const response = await fetch(`${publisher.emulator.controlUrl}/purchases`, { method: 'POST', body: order, headers });
    expect([response.status, await response.json()]).toEqual([415, { error: expect.stringContaining('--json'), problems: [] }]);
    expect((await publisher.control('GET', '/subscriptions')).body.subscriptions).toEqual([]);
  });

  it('that is longer than what is taken is answered 413, also to a client that is still writing', async () => {
    const { status, body } = await publisher.control('POST', '/purchases', { name: 'x'.repeat(5_000_000) });
    expect([status, body.error]).toEqual([413, expect.stringContaining('1 MB')]);
  });

  it('for somebody unknown, or with a body that is not JSON, is answered 400', async () => {
    expect(await publisher.control('POST', '/purchases', { beneficiary: randomUUID() })).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('/control/people') },
    });
    expect(await publisher.control('POST', '/purchases', '{"planId":')).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('JSON') },
    });
  });
});

describe('what cannot happen', () => {
  it.each([
    ['suspend', {}, 'PendingFulfillmentStart'],
    ['reinstate', {}, 'PendingFulfillmentStart'],
    ['renew', {}, 'PendingFulfillmentStart'],
    ['change-plan', { planId: 'gold' }, 'PendingFulfillmentStart'],
    ['change-quantity', { quantity: 5 }, 'PendingFulfillmentStart'],
  ])('is answered 409 by a sentence: %s before activation', async (action, body, hint) => {
    const id = await publisher.buy();
    expect(await publisher.control('POST', `/subscriptions/${id}/${action}`, body)).toMatchObject({
      status: 409,
      body: { error: expect.stringContaining(hint) },
    });
  });

  it('is answered 400 for a change to something that does not exist, and 404 for an unknown subscription', async () => {
    const id = await publisher.subscribe();
    expect(await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'brass' })).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('gold') },
    });
    expect(await publisher.control('POST', `/subscriptions/${id}/change-plan`)).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('planId') },
    });
    expect((await publisher.control('POST', `/subscriptions/${randomUUID()}/suspend`)).status).toBe(404);
    expect((await publisher.control('GET', '/nothing')).status).toBe(404);
  });
});

describe('deliveries', () => {
  it('show request, answer, time and try, of one subscription where one is named', async () => {
    const [one, other] = [await publisher.subscribe(), await publisher.subscribe()];
    for (const id of [one, other]) await publisher.control('POST', `/subscriptions/${id}/suspend`);
    await publisher.webhooks(2);
    const { deliveries } = (await publisher.control('GET', `/deliveries?subscriptionId=${one}`)).body;
    expect(deliveries).toMatchObject([
      {
        subscriptionId: one,
        action: 'Suspend',
        attempt: 1,
        sentAt: expect.any(String),
        requestBody: { action: 'Suspend' },
        answer: { status: 200 },
        verdict: 'received',
        byHand: false,
      },
    ]);
    expect(JSON.stringify(deliveries)).not.toContain(publisher.received[0]?.bearerToken);
  });

  it('can be sent again by hand, with the same id and a fresh token', async () => {
    const id = await publisher.subscribe();
    await publisher.control('POST', `/subscriptions/${id}/suspend`);
    await publisher.webhooks(1);
    const [delivery] = (await publisher.control('GET', '/deliveries')).body.deliveries;
    expect(await publisher.control('POST', `/deliveries/${delivery.id}/redeliver`)).toMatchObject({
      status: 200,
      body: { byHand: true, answer: { status: 200 } },
    });
    const [first, second] = publisher.received;
    expect(second?.body).toEqual(first?.body);
    expect(second?.bearerToken).not.toBe(first?.bearerToken);
    expect((await publisher.control('POST', `/deliveries/${randomUUID()}/redeliver`)).status).toBe(404);
  });
});

it('keeps a ledger of both directions that shows no token', async () => {
  const { subscriptionId, landingUrl } = (await publisher.control('POST', '/purchases')).body;
  const token = tokenIn(landingUrl);
  await publisher.api('POST', '/saas/subscriptions/resolve', undefined, {
    'x-ms-marketplace-token': token,
    'x-ms-requestid': 'r-1',
    'x-ms-correlationid': 'c-1',
  });
  await publisher.api('GET', `/saas/subscriptions?continuationToken=${encodeURIComponent(token)}`);
  await publisher.api('POST', `/saas/subscriptions/${subscriptionId}/activate`);
  await publisher.untilStatus(subscriptionId, 'Subscribed');
  await publisher.control('POST', `/subscriptions/${subscriptionId}/suspend`);
  await publisher.webhooks(1);

  const { calls } = (await publisher.control('GET', `/calls?subscriptionId=${subscriptionId}`)).body;
  expect(calls).toMatchObject([
    {
      direction: 'inbound',
      surface: 'fulfillment',
      method: 'POST',
      path: '/api/saas/subscriptions/resolve?api-version=2018-08-31',
      status: 200,
      requestId: 'r-1',
      correlationId: 'c-1',
    },
    { direction: 'inbound', method: 'POST', path: expect.stringContaining('/activate'), status: 200 },
    { direction: 'outbound', surface: 'webhook', method: 'POST', path: '/webhook', status: 200 },
  ]);
  const all = JSON.stringify((await publisher.control('GET', '/calls')).body);
  expect(all).toContain('identity');
  for (const secret of [token, encodeURIComponent(token), publisher.emulator.clientSecret, 'eyJ']) expect(all).not.toContain(secret);
});

describe('settings', () => {
  it('are changed one by one', async () => {
    const before = (await publisher.control('GET', '/settings')).body;
    expect((await publisher.control('PATCH', '/settings', { autoAcceptMs: 300 })).body).toEqual({ ...before, autoAcceptMs: 300 });
  });

  it.each([
    ['webhookUrl', 'ftp://example.com'],
    ['landingUrl', 'http://localhost/#top'],
    ['webhookTokenVersion', 'v3'],
    ['autoAcceptMs', -1],
    ['retryDelaysMs', []],
    ['authFailureStyle', '404'],
    ['unheardOf', true],
  ])('answer 400 for a wrong %s', async (name, value) => {
    const { status, body } = await publisher.control('PATCH', '/settings', { [name]: value });
    expect([status, body.error]).toEqual([400, expect.stringContaining(name)]);
  });
});

it('goes back to the start by a reset: nothing bought, nothing waiting, its own settings, the same secrets', async () => {
  const id = await publisher.subscribe();
  publisher.answer = () => 500;
  await publisher.control('PATCH', '/settings', { autoAcceptMs: 1 });
  await publisher.control('POST', '/people', { emailId: 'zoe@tailspin.example' });
  await publisher.control('POST', `/subscriptions/${id}/suspend`);
  await publisher.webhooks(1);
  expect((await publisher.control('POST', '/reset')).status).toBe(200);
  const received = publisher.received.length;

  expect((await publisher.control('GET', '/subscriptions')).body).toEqual({ subscriptions: [], next: null });
  expect((await publisher.control('GET', '/deliveries')).body.deliveries).toEqual([]);
  expect((await publisher.control('GET', '/settings')).body.autoAcceptMs).toBe(200);
  expect((await publisher.control('GET', '/people')).body.people).toHaveLength(5);
  expect((await publisher.api('GET', '/saas/subscriptions')).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(publisher.received).toHaveLength(received);
});

it('answers the time and its difference from the real one', async () => {
  const { now, offsetMs } = (await publisher.control('GET', '/clock')).body;
  expect(offsetMs).toBe(0);
  expect(Math.abs(Date.parse(now) - Date.now())).toBeLessThan(5_000);
});

it('shows nothing of before a reset, not even a delivery that was on its way', async () => {
  await publisher.control('PATCH', '/settings', { webhookTimeoutMs: 150 });
  const id = await publisher.subscribe();
  publisher.answer = () => 'hang';
  await publisher.control('POST', `/subscriptions/${id}/suspend`);
  await publisher.webhooks(1);
  await publisher.control('POST', '/reset');
  await new Promise((resolve) => setTimeout(resolve, 300)); // twice the time limit of a delivery here
  expect((await publisher.control('GET', '/deliveries')).body.deliveries).toEqual([]);
  expect((await publisher.control('GET', '/calls')).body.calls).toEqual([]);
});

it('counts a delivery without an address among the deliveries, but not among the calls', async () => {
  await publisher.control('PATCH', '/settings', { webhookUrl: null });
  const id = await publisher.buy({ autoActivate: true });
  const of = async (what: 'deliveries' | 'calls') => (await publisher.control('GET', `/${what}?subscriptionId=${id}`)).body[what];
  await until('a failed delivery', async () => (await of('deliveries')).length > 0);
  expect((await of('deliveries'))[0]).toMatchObject({ url: null, verdict: 'failed', error: expect.stringContaining('webhookUrl') });
  expect(await of('calls')).toEqual([]);
});
