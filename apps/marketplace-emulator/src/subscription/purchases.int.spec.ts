import { randomUUID } from 'node:crypto';
import { Publisher } from '../testing/publisher';

let publisher: Publisher;

beforeAll(async () => {
  publisher = await Publisher.start();
});

beforeEach(async () => {
  await publisher.control('POST', '/reset');
});

afterAll(() => publisher.stop());

const northwind = 'a1e5c8d2-0b6f-4c57-9a41-5d3f1c000003';
const plansOf = async (id: string, query = '') =>
  (await publisher.api('GET', `/saas/subscriptions/${id}/listAvailablePlans${query}`)).body.plans;
const refusal = async (order: object) => {
  const { status, body } = await publisher.control('POST', '/purchases', order);
  return { status, field: body.problems?.[0]?.field, problem: body.error };
};

describe('a private plan', () => {
  it('is bought, seen and changed to by its audience', async () => {
    await publisher.subscribe({ planId: 'fabrikam' });
    const id = await publisher.subscribe({ planId: 'silver', quantity: 5 });
    expect(await plansOf(id, '?planId=fabrikam')).toMatchObject([{ planId: 'fabrikam', isPrivate: true, minQuantity: 5 }]);
    expect((await publisher.api('PATCH', `/saas/subscriptions/${id}`, { planId: 'fabrikam' })).status).toBe(202);
  });

  it('is there for nobody else, in the list, in the store or as a change', async () => {
    const id = await publisher.subscribe({ planId: 'silver', beneficiary: northwind });
    expect(await plansOf(id, '?planId=fabrikam')).toEqual([]);
    expect((await publisher.api('PATCH', `/saas/subscriptions/${id}`, { planId: 'fabrikam' })).status).toBe(400);
    expect((await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'fabrikam' })).body.error).not.toContain(
      'fabrikam,',
    );
    expect(await refusal({ planId: 'fabrikam', beneficiary: northwind })).toMatchObject({ status: 400, field: 'planId' });
  });

  it('is not sold by resellers', async () => {
    expect(await refusal({ planId: 'fabrikam', channel: 'csp' })).toMatchObject({ status: 400, field: 'planId' });
    const id = await publisher.subscribe({ planId: 'silver', channel: 'csp' });
    expect((await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'fabrikam' })).status).toBe(400);
  });

  it('stays with those who have it when they leave its audience', async () => {
    const id = await publisher.subscribe({ planId: 'fabrikam' });
    await publisher.control('PATCH', '/offers/contoso-team/plans/fabrikam', { audience: [randomUUID()] });
    expect(await plansOf(id, '?planId=fabrikam')).toHaveLength(1);
    expect((await refusal({ planId: 'fabrikam' })).status).toBe(400);
  });
});

describe('a plan without a maximum of seats', () => {
  it('shows none, and takes up to the million that Microsoft sells at most', async () => {
    const id = await publisher.subscribe({ planId: 'enterprise', quantity: 1_000_000 });
    const [plan] = await plansOf(id, '?planId=enterprise');
    expect(plan).toMatchObject({ minQuantity: 1, isPricePerSeat: true });
    expect(plan).not.toHaveProperty('maxQuantity');
    expect((await publisher.api('PATCH', `/saas/subscriptions/${id}`, { quantity: 1_000_001 })).status).toBe(400);
    expect((await publisher.api('PATCH', `/saas/subscriptions/${id}`, { quantity: 999_999 })).status).toBe(202);
  });

  it('has in the webhook how its term is paid, and null for a term that is paid at once', async () => {
    for (const [termUnit, chargeDuration] of [
      ['P1Y', 'P1M'],
      ['P5Y', 'P1Y'],
    ] as const) {
      const id = await publisher.subscribe({ planId: 'enterprise', termUnit });
      await publisher.control('POST', `/subscriptions/${id}/renew`);
      const [renewal] = await publisher.webhooks(1, ({ body }) => body.subscriptionId === id);
      expect(renewal?.body.subscription.term).toMatchObject({ termUnit, chargeDuration });
    }
  });
});

describe('a private offer', () => {
  const externalId = '6f9619ff-8b86-4011-b42d-00c04fc964ff';

  it('shows in the list of plans alone, and there only where the purchased plan is asked for', async () => {
    const id = await publisher.subscribe({ planId: 'silver', privateOffer: { externalId } });
    expect(await plansOf(id, '?planId=silver')).toMatchObject([{ planId: 'silver', sourceOffers: [{ externalId }] }]);
    expect((await plansOf(id, '?planId=gold'))[0]).not.toHaveProperty('sourceOffers');
    for (const plan of await plansOf(id)) expect(plan).not.toHaveProperty('sourceOffers');
    expect(JSON.stringify((await publisher.api('GET', `/saas/subscriptions/${id}`)).body)).not.toContain(externalId);
  });

  it('can have limits of its own, for its plan and as long as that one is held', async () => {
    const id = await publisher.subscribe({ planId: 'silver', quantity: 300, privateOffer: { seats: { max: 400 } } });
    expect(await plansOf(id, '?planId=silver')).toMatchObject([{ minQuantity: 1, maxQuantity: 400 }]);
    expect((await publisher.control('POST', `/subscriptions/${id}/change-quantity`, { quantity: 401 })).status).toBe(400);
    const { body } = await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
    await publisher.settled(id, body.operationId);
    expect((await plansOf(id, '?planId=gold'))[0]).not.toHaveProperty('sourceOffers');
    expect((await plansOf(id, '?planId=silver'))[0]).toMatchObject({ maxQuantity: 100 });
    expect((await publisher.control('POST', `/subscriptions/${id}/change-quantity`, { quantity: 900 })).status).toBe(202);
  });

  it.each([
    ['through a reseller, where it leaves no trace', { channel: 'csp', privateOffer: {} }, 'privateOffer'],
    ['with seats at a flat rate', { offerId: 'contoso-reach', privateOffer: { seats: { max: 5 } } }, 'privateOffer.seats'],
    ['with fewer seats at most than at least', { privateOffer: { seats: { min: 5, max: 4 } } }, 'privateOffer.seats'],
    ['with more seats than it allows', { quantity: 11, privateOffer: { seats: { max: 10 } } }, 'quantity'],
  ])('is refused %s', async (_what, order, field) => {
    expect(await refusal(order)).toMatchObject({ status: 400, field });
  });
});

describe('a purchase from a preview', () => {
  it('shows its offer with the ending -preview, everywhere', async () => {
    const { body } = await publisher.control('POST', '/purchases', { preview: true });
    const id = body.subscriptionId;
    const token = new URL(body.landingUrl).searchParams.get('token') as string;
    const shown = 'contoso-team-preview';
    expect((await publisher.api('POST', '/saas/subscriptions/resolve', undefined, { 'x-ms-marketplace-token': token })).body).toMatchObject(
      {
        offerId: shown,
        subscription: { offerId: shown, isTest: false },
      },
    );
    await publisher.api('POST', `/saas/subscriptions/${id}/activate`);
    await publisher.untilStatus(id, 'Subscribed');
    const { headers } = await publisher.api('PATCH', `/saas/subscriptions/${id}`, { planId: 'gold' });
    expect((await publisher.api('GET', headers.get('operation-location') as string)).body.offerId).toBe(shown);
    const [webhook] = await publisher.webhooks(1, (received) => received.body.subscriptionId === id);
    expect(webhook?.body).toMatchObject({ offerId: shown, subscription: { offerId: shown } });
  });

  it('is not possible through a reseller', async () => {
    expect(await refusal({ preview: true, channel: 'csp' })).toMatchObject({ status: 400, field: 'preview' });
  });
});

describe('a free trial', () => {
  it('is asked for, on a plan that has one', async () => {
    const id = await publisher.subscribe({ planId: 'starter', trial: true });
    expect((await publisher.api('GET', `/saas/subscriptions/${id}`)).body.isFreeTrial).toBe(true);
    expect((await publisher.truth(await publisher.buy({ trial: true }))).planId).toBe('starter');
    expect((await publisher.truth(await publisher.buy({ planId: 'starter' }))).isFreeTrial).toBe(false);
    expect(await refusal({ planId: 'gold', trial: true })).toMatchObject({ status: 400, field: 'trial' });
  });

  it('ends at once with the change to a plan that has none, and goes on in one that has', async () => {
    await publisher.control('PUT', '/offers/trials', {
      plans: ['a', 'b'].map((planId) => ({ planId, hasFreeTrials: true })).concat([{ planId: 'c', hasFreeTrials: false }]),
    });
    const id = await publisher.subscribe({ offerId: 'trials', planId: 'a', trial: true });
    for (const [planId, isFreeTrial] of [
      ['b', true],
      ['c', false],
    ] as const) {
      const { body } = await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId });
      await publisher.settled(id, body.operationId);
      expect(await publisher.truth(id)).toMatchObject({ planId, isFreeTrial });
    }
  });

  it('is not given again after a paid period or a cancelled trial of the same offer, whoever of the tenant asks', async () => {
    const colleague = 'a1e5c8d2-0b6f-4c57-9a41-5d3f1c000002';
    const order = { planId: 'starter', trial: true };
    await publisher.buy(order); // never activated, so never used
    const id = await publisher.subscribe(order);
    await publisher.buy(order);
    await publisher.control('POST', `/subscriptions/${id}/unsubscribe`);
    expect(await refusal({ ...order, beneficiary: colleague })).toMatchObject({ status: 400, field: 'trial' });
    await publisher.buy({ ...order, beneficiary: northwind });
    await publisher.subscribe({ planId: 'silver', beneficiary: northwind });
    expect(await refusal({ ...order, beneficiary: northwind })).toMatchObject({ status: 400, field: 'trial' });
  });

  it('of one personal account is not that of another, though both are in the consumer tenant', async () => {
    const [dora, other] = ['00000000-0000-0000-5d3f-1c0000000004', { tenantId: '9188040d-6c67-4c5b-b112-36a304b66dad' }];
    await publisher.subscribe({ planId: 'silver', beneficiary: dora });
    expect((await refusal({ planId: 'starter', trial: true, beneficiary: dora })).status).toBe(400);
    await publisher.buy({ planId: 'starter', trial: true, beneficiary: other });
  });
});

describe('what is rarely said of a purchase', () => {
  it('can be said: isTest, sessionMode, sandboxType', async () => {
    const wanted = { isTest: true, sessionMode: 'DryRun', sandboxType: 'Csp' };
    const id = await publisher.buy(wanted);
    expect((await publisher.api('GET', `/saas/subscriptions/${id}`)).body).toMatchObject(wanted);
    expect((await publisher.api('GET', `/saas/subscriptions/${await publisher.buy()}`)).body).toMatchObject({
      isTest: false,
      sessionMode: 'None',
      sandboxType: 'None',
    });
  });

  it('includes members of the parties that are missing or empty, in REST and in webhooks', async () => {
    const id = await publisher.buy({ missing: ['beneficiary.emailId', 'purchaser.puid'], empty: ['purchaser.emailId'] });
    const { beneficiary, purchaser } = (await publisher.api('GET', `/saas/subscriptions/${id}`)).body;
    expect([Object.keys(beneficiary), Object.keys(purchaser), purchaser.emailId]).toEqual([
      ['objectId', 'tenantId', 'puid'],
      ['emailId', 'objectId', 'tenantId'],
      '',
    ]);
    await publisher.control('POST', `/subscriptions/${id}/unsubscribe`);
    const [webhook] = await publisher.webhooks(1, ({ body }) => body.subscriptionId === id);
    expect(webhook?.body.subscription).toMatchObject({ beneficiary, purchaser });
    expect(await refusal({ missing: ['beneficiary.phone'] })).toMatchObject({ status: 400, field: 'missing.0' });
  });
});

it('takes an automatically activated plan only where nothing else is sold', async () => {
  await publisher.control('PUT', '/offers/auto', { plans: [{ planId: 'now', isAutoActivated: true }] });
  expect(await publisher.truth(await publisher.buy({ offerId: 'auto' }))).toMatchObject({ saasSubscriptionStatus: 'Subscribed' });
  expect(await refusal({ offerId: 'auto', autoActivate: false })).toMatchObject({ status: 400, field: 'planId' });
  await publisher.control('PATCH', '/offers/auto/plans/now', { isStopSell: true });
  expect(await refusal({ offerId: 'auto' })).toMatchObject({ status: 400, field: 'planId' });
});
