import { randomUUID } from 'node:crypto';
import { call, Publisher, tokenIn } from '../../testing/publisher';

let publisher: Publisher;

beforeAll(async () => {
  publisher = await Publisher.start();
});

beforeEach(async () => {
  await publisher.control('POST', '/reset');
});

afterAll(() => publisher.stop());

const resolve = (token: string) => publisher.api('POST', '/saas/subscriptions/resolve', undefined, { 'x-ms-marketplace-token': token });

async function tokenOfAPurchase(): Promise<string> {
  return tokenIn((await publisher.control('POST', '/purchases')).body.landingUrl);
}

describe('resolve', () => {
  it('gives the subscription for its token, as often as one asks, and changes nothing', async () => {
    const { body } = await publisher.control('POST', '/purchases', { quantity: 5 });
    const token = tokenIn(body.landingUrl);
    for (let time = 0; time < 2; time++) {
      expect((await resolve(token)).body).toMatchObject({
        id: body.subscriptionId,
        offerId: publisher.emulator.perSeatOfferId,
        planId: 'silver',
        quantity: 5,
        subscription: { id: body.subscriptionId, saasSubscriptionStatus: 'PendingFulfillmentStart', term: { termUnit: 'P1M' } },
      });
    }
    expect((await publisher.truth(body.subscriptionId)).saasSubscriptionStatus).toBe('PendingFulfillmentStart');
  });

  it('takes an empty body that is announced as JSON', async () => {
    const token = await tokenOfAPurchase();
    const answer = await publisher.api('POST', '/saas/subscriptions/resolve', undefined, {
      'x-ms-marketplace-token': token,
      'content-type': 'application/json',
    });
    expect(answer.status).toBe(200);
  });

  it('answers 400 for no token', async () => {
    expect(await publisher.api('POST', '/saas/subscriptions/resolve')).toMatchObject({
      status: 400,
      body: { code: 'HeaderNotPresent', target: 'x-ms-marketplace-token' },
    });
  });

  it.each([
    ['one whose plus signs became blanks', (token: string) => token.replaceAll('+', ' ')],
    ['one that is still percent-encoded', (token: string) => encodeURIComponent(token)],
    ['one with a changed character', (token: string) => `${token[0] === 'A' ? 'B' : 'A'}${token.slice(1)}`],
    ['one that was cut', (token: string) => token.slice(0, -8)],
    ['anything else', () => 'bnVsbA=='],
    ['one of 20 kB', () => 'A'.repeat(20_000)],
  ])('answers 400 for %s', async (_what, damage) => {
    expect(await resolve(damage(await tokenOfAPurchase()))).toMatchObject({ status: 400, body: { code: 'InvalidValue' } });
  });
});

describe('activate', () => {
  it('answers 200 at once, sets the term a moment later, and may be called again', async () => {
    await publisher.control('PATCH', '/settings', { activationDelayMs: 100 });
    const id = await publisher.buy();
    expect(await publisher.api('POST', `/saas/subscriptions/${id}/activate`, { planId: 'silver', quantity: 1 })).toMatchObject({
      status: 200,
      body: undefined,
    });
    expect((await publisher.api('GET', `/saas/subscriptions/${id}`)).body.saasSubscriptionStatus).toBe('PendingFulfillmentStart');
    await publisher.untilStatus(id, 'Subscribed');
    expect((await publisher.api('GET', `/saas/subscriptions/${id}`)).body.term).toMatchObject({
      startDate: expect.stringMatching(/T00:00:00Z$/),
      termUnit: 'P1M',
    });
    expect((await publisher.api('POST', `/saas/subscriptions/${id}/activate`)).status).toBe(200);
    expect((await publisher.truth(id)).activateCalls).toBe(2);
  });

  it('answers 400 for a suspended and 404 for a cancelled or unknown subscription', async () => {
    const id = await publisher.subscribe();
    await publisher.control('POST', `/subscriptions/${id}/suspend`);
    expect((await publisher.api('POST', `/saas/subscriptions/${id}/activate`)).status).toBe(400);
    await publisher.control('POST', `/subscriptions/${id}/unsubscribe`);
    expect((await publisher.api('POST', `/saas/subscriptions/${id}/activate`)).status).toBe(404);
    expect((await publisher.api('POST', `/saas/subscriptions/${randomUUID()}/activate`)).status).toBe(404);
  });

  it('ends in Unsubscribed with a webhook where activation is set to fail', async () => {
    await publisher.control('PATCH', '/settings', { activationOutcome: 'fails' });
    const id = await publisher.buy();
    expect((await publisher.api('POST', `/saas/subscriptions/${id}/activate`)).status).toBe(200);
    const webhooks = await publisher.webhooks(1, ({ body }) => body.subscriptionId === id);
    expect(webhooks[0]?.body.action).toBe('Unsubscribe');
    expect((await publisher.truth(id)).saasSubscriptionStatus).toBe('Unsubscribed');
  });

  it('that fails ends the subscription once, also where a DELETE waits for its start', async () => {
    await publisher.control('PATCH', '/settings', {
      activationOutcome: 'fails',
      activationDelayMs: 60_000,
      operationStartDelayMs: 120_000,
    });
    const id = await publisher.buy();
    await publisher.api('POST', `/saas/subscriptions/${id}/activate`);
    expect((await publisher.api('DELETE', `/saas/subscriptions/${id}`)).status).toBe(202);
    await publisher.control('POST', '/clock/advance', { duration: 'PT5M' });
    expect(await publisher.truth(id)).toMatchObject({
      saasSubscriptionStatus: 'Unsubscribed',
      pendingOperationId: null,
      operations: [
        { status: 'Failed', settledBy: 'superseded' },
        { status: 'Succeeded', operationRequestSource: 'Azure' },
      ],
    });
    expect(publisher.received.filter(({ body }) => body.subscriptionId === id)).toHaveLength(1);
  });
});

describe('the list', () => {
  it('is an empty object while nothing was bought', async () => {
    expect((await publisher.api('GET', '/saas/subscriptions')).body).toEqual({});
  });

  it('is followed by links on the second host until there is none, and then holds every subscription once', async () => {
    await publisher.control('PATCH', '/settings', { listPageSizeMin: 2, listPageSizeMax: 4 });
    const bought: string[] = [];
    for (let count = 0; count < 11; count++) bought.push(await publisher.buy());
    await publisher.control('POST', `/subscriptions/${bought[3]}/unsubscribe`);

    const seen: string[] = [];
    let link: string | undefined = '/saas/subscriptions/';
    while (link) {
      const { status, body } = await publisher.api('GET', link);
      expect(status).toBe(200);
      seen.push(...body.subscriptions.map((subscription: { id: string }) => subscription.id));
      link = body['@nextLink'];
      if (link) expect(new URL(link).host).toBe(publisher.emulator.linkHosts[1]);
    }
    expect(seen).toEqual(bought);
  });

  it('answers 400 for a continuation token that was encoded twice', async () => {
    await publisher.control('PATCH', '/settings', { listPageSizeMin: 1, listPageSizeMax: 1 });
    await publisher.buy();
    await publisher.buy();
    const link = (await publisher.api('GET', '/saas/subscriptions')).body['@nextLink'] as string;
    expect((await publisher.api('GET', link.replaceAll('%', '%25'))).status).toBe(400);
  });
});

describe('the available plans', () => {
  it('are those of the offer, with seats only where they are sold by seat', async () => {
    const perSeat = await publisher.buy();
    const metered = await publisher.buy({ offerId: publisher.emulator.meteredOfferId });
    const seats = (await publisher.api('GET', `/saas/subscriptions/${perSeat}/listAvailablePlans`)).body.plans;
    expect(seats).toContainEqual(
      expect.objectContaining({ planId: 'silver', minQuantity: 1, maxQuantity: 100, isPricePerSeat: true, isStopSell: false }),
    );
    expect(seats).toContainEqual(expect.objectContaining({ planId: 'bronze', isStopSell: true }));
    const [base] = (await publisher.api('GET', `/saas/subscriptions/${metered}/listAvailablePlans?planId=base`)).body.plans;
    expect(base).toMatchObject({ planComponents: { meteringDimensions: [{ id: 'emails' }, { id: 'texts' }] } });
    expect(base).not.toHaveProperty('minQuantity');
    expect((await publisher.api('GET', `/saas/subscriptions/${metered}/listAvailablePlans?planId=none`)).body).toEqual({ plans: [] });
  });
});

describe('every call', () => {
  it('echoes the ids that it was given', async () => {
    const { headers } = await publisher.api('GET', '/saas/subscriptions', undefined, {
      'x-ms-requestid': 'one',
      'x-ms-correlationid': 'two',
    });
    expect([headers.get('x-ms-requestid'), headers.get('x-ms-correlationid')]).toEqual(['one', 'two']);
  });

  it('makes up one id for both when it was given none, and names a new operation by it', async () => {
    const id = await publisher.subscribe();
    const { headers } = await publisher.api('PATCH', `/saas/subscriptions/${id}`, { quantity: 9 });
    expect(headers.get('x-ms-requestid')).toBe(headers.get('x-ms-correlationid'));
    expect(headers.get('x-ms-requestid')).toBe(headers.get('operation-id'));
  });

  it('is matched without regard to case', async () => {
    const id = await publisher.buy();
    expect((await publisher.api('GET', `/SaaS/Subscriptions/${id.toUpperCase()}`)).body.id).toBe(id);
    expect((await publisher.api('GET', `${publisher.emulator.apiUrl}/saas/subscriptions/${id}?API-Version=2018-08-31`)).status).toBe(200);
  });

  it('needs a version', async () => {
    const url = `${publisher.emulator.apiUrl}/saas/subscriptions`;
    expect(await publisher.api('GET', url)).toMatchObject({ status: 400, body: { Error: { Code: 'ApiVersionUnspecified' } } });
    expect(await publisher.api('GET', `${url}?api-version=2019-01-01`)).toMatchObject({
      status: 400,
      body: { Error: { Code: 'UnsupportedApiVersion' } },
    });
  });

  it('is answered 403 with a bare JSON string without a good token, or 401 with an object where that is set', async () => {
    const url = `${publisher.emulator.apiUrl}/saas/subscriptions?api-version=2018-08-31`;
    for (const authorization of ['', 'Bearer x.y.z', 'Bearer eyJhbGciOiJub25lIn0.e30.']) {
      expect(await call('GET', url, undefined, { authorization })).toMatchObject({ status: 403, body: expect.any(String) });
    }
    await publisher.control('PATCH', '/settings', { authFailureStyle: '401-object' });
    expect(await call('GET', url)).toMatchObject({ status: 401, body: { code: 'Unauthorized' } });
  });

  it('is answered 403 with a token of ours that is for another audience, or of another application', async () => {
    const { authorityUrl, tenantId, clientId, clientSecret, operatorsAudience, operatorsClientId, operatorsClientSecret } =
      publisher.emulator;
    const [ours, operators] = [
      { client_id: clientId, client_secret: clientSecret },
      { client_id: operatorsClientId, client_secret: operatorsClientSecret },
    ];
    for (const [client, resource] of [
      [ours, '00000003-0000-0000-c000-000000000000'],
      [ours, operatorsAudience],
      [operators, '20e940b3-4c77-4b0b-9a53-9e16a1b010a7'],
    ] as const) {
      const form = { grant_type: 'client_credentials', ...client, scope: `${resource}/.default` };
      const response = await fetch(`${authorityUrl}/${tenantId}/oauth2/v2.0/token`, { method: 'POST', body: new URLSearchParams(form) });
      const { access_token } = (await response.json()) as { access_token: string };
      expect(await publisher.api('GET', '/saas/subscriptions', undefined, { authorization: `Bearer ${access_token}` })).toMatchObject({
        status: 403,
      });
    }
  });

  it('is answered 400 for a body that is not JSON, 413 for one that is too long, and 404 for a path that does not exist', async () => {
    const id = await publisher.subscribe();
    expect((await publisher.api('PATCH', `/saas/subscriptions/${id}`, '{"planId":')).status).toBe(400);
    expect((await publisher.api('PATCH', `/saas/subscriptions/${id}`, JSON.stringify({ planId: 'x'.repeat(2_000_000) }))).status).toBe(413);
    expect((await publisher.api('GET', '/saas/nothing')).status).toBe(404);
    expect((await publisher.api('GET', `/saas/subscriptions/${randomUUID()}`)).body).toMatchObject({ code: 'EntityNotFound' });
  });
});
