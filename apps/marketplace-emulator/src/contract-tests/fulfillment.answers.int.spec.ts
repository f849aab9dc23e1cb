import { randomUUID } from 'node:crypto';
import { Publisher, tokenIn } from '../testing/publisher';
import { activeTerm, guid, inRest, number, operation, resellerParty, text } from './shapes';

const flat = { offerId: 'contoso-reach' };
const preview = { offerId: 'contoso-reach', preview: true };

let publisher: Publisher;

beforeAll(async () => {
  publisher = await Publisher.start({ settings: { autoAcceptMs: 60_000 } });
});

afterAll(() => publisher.stop());

const path = (id: string, rest = '') => `/saas/subscriptions/${id}${rest}`;
const read = async (id: string, rest = '') => (await publisher.api('GET', path(id, rest))).body;
const resolve = (token?: string) =>
  publisher.api('POST', '/saas/subscriptions/resolve', undefined, token === undefined ? {} : { 'x-ms-marketplace-token': token });

async function resolved(id: string) {
  const { landingUrl } = (await publisher.control('POST', `/subscriptions/${id}/landing-links`)).body;
  return (await resolve(tokenIn(landingUrl))).body;
}

describe('Resolve', () => {
  it('answers for a purchase of seats', async () => {
    expect(await resolved(await publisher.buy({ planId: 'silver', quantity: 20 }))).toEqual({
      id: guid,
      subscriptionName: text,
      offerId: 'contoso-team',
      planId: 'silver',
      quantity: 20,
      subscription: inRest('PendingFulfillmentStart', { quantity: 20, term: { termUnit: 'P1M' } }),
    });
  });

  it('answers for a flat rate that is active, without a quantity', async () => {
    expect(await resolved(await publisher.subscribe(preview))).toEqual({
      id: guid,
      subscriptionName: text,
      offerId: 'contoso-reach-preview',
      planId: 'base',
      subscription: inRest('Subscribed', { offerId: 'contoso-reach-preview', term: activeTerm }),
    });
  });

  it.each([
    ['a missing token', undefined, 'HeaderNotPresent'],
    ['a token that is not one', 'bnVsbA==', 'InvalidValue'],
  ])('refuses %s', async (_what, token, code) => {
    const { status, body } = await resolve(token);
    expect(status).toBe(400);
    expect(body).toEqual({ message: text, target: 'x-ms-marketplace-token', code });
  });
});

describe('a subscription', () => {
  it('is pending before Activate, without term dates', async () => {
    const id = await publisher.buy({ planId: 'silver', quantity: 20 });
    expect(await read(id)).toEqual(inRest('PendingFulfillmentStart', { quantity: 20, term: { termUnit: 'P1M' } }));
  });

  it('is Subscribed, at a flat rate without a quantity', async () => {
    expect(await read(await publisher.subscribe(flat))).toEqual(inRest('Subscribed', { term: activeTerm }));
  });

  it('is Suspended, and may only be read where a reseller sold it', async () => {
    const id = await publisher.subscribe({ planId: 'silver', quantity: 5, termUnit: 'P1Y', channel: 'csp' });
    await publisher.control('POST', `/subscriptions/${id}/suspend`);
    const shape = { quantity: 5, purchaser: resellerParty, allowedCustomerOperations: ['Read'], term: { ...activeTerm, termUnit: 'P1Y' } };
    expect(await read(id)).toEqual(inRest('Suspended', shape));
  });

  it('is Unsubscribed without term dates where it was never activated', async () => {
    const id = await publisher.buy(flat);
    await publisher.control('POST', `/subscriptions/${id}/unsubscribe`);
    expect(await read(id)).toEqual(inRest('Unsubscribed', { term: { termUnit: 'P1M' } }));
  });
});

describe('the list', () => {
  it('has pages with a link, and is empty where nothing was bought', async () => {
    const other = await Publisher.start({ settings: { listPageSizeMin: 1, listPageSizeMax: 1 } });
    try {
      expect((await other.api('GET', '/saas/subscriptions')).body).toEqual({});
      for (const order of [flat, flat]) await other.buy(order);
      expect((await other.api('GET', '/saas/subscriptions')).body).toEqual({
        subscriptions: [inRest('PendingFulfillmentStart', { term: { termUnit: 'P1M' } })],
        '@nextLink': expect.stringMatching(
          /^http:\/\/localhost:\d+\/api\/saas\/subscriptions\/\?continuationToken=%5b.+%5d&api-version=2018-08-31$/,
        ),
      });
    } finally {
      await other.stop();
    }
  });
});

describe('Activate', () => {
  it.each([
    ['plan and seats', { planId: 'silver', quantity: 20 }, { planId: 'silver', quantity: 20 }],
    ['a plan at a flat rate', flat, { planId: 'base' }],
    ['an empty body', flat, {}],
  ])('takes %s', async (_what, order, body) => {
    const answer = await publisher.api('POST', path(await publisher.buy(order), '/activate'), body);
    expect(answer).toMatchObject({ status: 200, body: undefined });
  });
});

describe('the plans', () => {
  const plan = {
    planId: text,
    displayName: text,
    description: text,
    isPrivate: false,
    hasFreeTrials: false,
    isStopSell: false,
    market: 'US',
  };
  const term = { currency: 'USD', price: number, termUnit: text, termDescription: text };

  it('of a flat rate name what is metered and what is included', async () => {
    const { plans } = await read(await publisher.subscribe(flat), '/listAvailablePlans');
    expect(plans[0]).toEqual({
      ...plan,
      isPricePerSeat: false,
      planComponents: {
        recurrentBillingTerms: expect.arrayContaining([
          { ...term, termUnit: 'P1M', meteredQuantityIncluded: expect.arrayContaining([{ dimensionId: 'emails', units: '1000' }]) },
        ]),
        meteringDimensions: expect.arrayContaining([
          { id: 'emails', currency: 'USD', pricePerUnit: 0.01, unitOfMeasure: text, displayName: text },
        ]),
      },
    });
  });

  it('name the private offer by which the purchased one was bought', async () => {
    const externalId = randomUUID();
    const id = await publisher.subscribe({ planId: 'silver', quantity: 5, privateOffer: { externalId } });
    expect(await read(id, '/listAvailablePlans?planId=silver')).toEqual({
      plans: [
        {
          ...plan,
          isPrivate: expect.any(Boolean),
          minQuantity: number,
          maxQuantity: number,
          isPricePerSeat: true,
          planComponents: { recurrentBillingTerms: expect.arrayContaining([term]), meteringDimensions: [] },
          sourceOffers: [{ externalId }],
        },
      ],
    });
    for (const other of await read(id, '/listAvailablePlans').then(({ plans }) => plans)) expect(other).not.toHaveProperty('sourceOffers');
  });
});

describe('a change', () => {
  it.each([
    ['a plan', { planId: 'gold' }],
    ['seats', { quantity: 20 }],
  ])('of %s is accepted, with the address to follow it at', async (_what, change) => {
    const { status, body, headers } = await publisher.api('PATCH', path(await publisher.subscribe()), change);
    expect({ status, body }).toEqual({ status: 202, body: undefined });
    expect(headers.get('operation-location')).toMatch(
      /^http:\/\/localhost:\d+\/api\/saas\/subscriptions\/.+\/operations\/.+api-version=2018-08-31$/,
    );
    expect(headers.get('operation-id')).toEqual(guid);
    expect(headers.get('retry-after')).toBe('10');
  });

  it('of both at once is refused', async () => {
    const { status, body } = await publisher.api('PATCH', path(await publisher.subscribe()), { planId: 'gold', quantity: 20 });
    expect({ status, body }).toEqual({ status: 400, body: { message: text, code: 'BadArgument' } });
  });

  it('is refused while another is open', async () => {
    const id = await publisher.subscribe();
    await publisher.api('PATCH', path(id), { planId: 'gold' });
    const { status, body } = await publisher.api('PATCH', path(id), { planId: 'platinum' });
    expect({ status, body }).toEqual({ status: 400, body: { message: text, code: 'Failed' } });
  });
});

describe('the operations', () => {
  it('that wait for the publisher are listed, and nothing where none does', async () => {
    const id = await publisher.subscribe({ planId: 'silver', quantity: 20 });
    expect(await read(id, '/operations')).toEqual({});
    await publisher.control('POST', `/subscriptions/${id}/suspend`);
    await publisher.control('POST', `/subscriptions/${id}/reinstate`);
    const reinstate = operation({
      action: 'Reinstate',
      status: 'InProgress',
      operationRequestSource: 'Azure',
      planId: 'silver',
      quantity: 20,
    });
    expect(await read(id, '/operations')).toEqual({ operations: [reinstate] });
  });

  it('of the publisher read NotStarted at first', async () => {
    const patient = await Publisher.start({ settings: { operationStartDelayMs: 60_000 } });
    try {
      const id = await patient.subscribe(flat);
      const operationId = (await patient.api('PATCH', path(id), { planId: 'plus' })).headers.get('operation-id');
      const { body } = await patient.api('GET', path(id, `/operations/${operationId}`));
      expect(body).toEqual(operation({ action: 'ChangePlan', status: 'NotStarted', operationRequestSource: 'Partner', planId: 'plus' }));
    } finally {
      await patient.stop();
    }
  });

  it('show their target while they are open', async () => {
    const id = await publisher.subscribe({ planId: 'silver', quantity: 20 });
    const { operationId } = (await publisher.control('POST', `/subscriptions/${id}/change-quantity`, { quantity: 30 })).body;
    expect(await read(id, `/operations/${operationId}`)).toEqual(
      operation({ action: 'ChangeQuantity', status: 'InProgress', operationRequestSource: 'Azure', planId: 'silver', quantity: 30 }),
    );
  });

  it('show why they have failed', async () => {
    const id = await publisher.subscribe({ ...flat, termUnit: 'P1Y' });
    await publisher.control('POST', '/clock/advance', { duration: 'P10D' });
    const operationId = (await publisher.api('DELETE', path(id))).headers.get('operation-id') as string;
    await publisher.settled(id, operationId);
    expect(await read(id, `/operations/${operationId}`)).toEqual(
      operation({ action: 'Unsubscribe', status: 'Failed', operationRequestSource: 'Partner', errorStatusCode: '400', errorMessage: text }),
    );
  });

  it.each(['Success', 'Failure'])('take %s', async (status) => {
    const id = await publisher.subscribe();
    const { operationId } = (await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' })).body;
    expect(await publisher.api('PATCH', path(id, `/operations/${operationId}`), { status })).toMatchObject({
      status: 200,
      body: undefined,
    });
  });
});

describe('errors', () => {
  it('report a missing version', async () => {
    const { status, body } = await publisher.api('GET', '/saas/subscriptions?api-version=');
    expect({ status, body }).toEqual({ status: 400, body: { Error: { Code: 'ApiVersionUnspecified', Message: text } } });
  });

  it('report what does not exist', async () => {
    const { status, body } = await publisher.api('GET', path(randomUUID()));
    expect({ status, body }).toEqual({ status: 404, body: { message: text, code: 'EntityNotFound' } });
  });

  it('report a wrong token by a bare string', async () => {
    const { status, body } = await publisher.api('GET', '/saas/subscriptions', undefined, { authorization: 'Bearer bnVsbA==' });
    expect({ status, body }).toEqual({ status: 403, body: text });
  });

  it('of the server come where a rule asks for them, in the documented shape', async () => {
    await publisher.control('POST', '/faults', {
      on: { route: 'listSubscriptions' },
      when: { count: 1 },
      do: { effect: 'status', status: 500 },
    });
    const { status, body } = await publisher.api('GET', '/saas/subscriptions');
    expect({ status, body }).toEqual({ status: 500, body: { error: { code: text, message: text } } });
  });
});
