import { Publisher } from '../testing/publisher';

let publisher: Publisher;

beforeAll(async () => {
  publisher = await Publisher.start({ settings: { autoAcceptMs: 10_000 } });
});

afterEach(() => publisher.control('POST', '/reset'));
afterAll(() => publisher.stop());

const stale = (age: string) => publisher.fault({ do: { effect: 'staleRead', age } });
const advance = (duration: string) => publisher.control('POST', '/clock/advance', { duration });
const get = (id: string) => publisher.api('GET', `/saas/subscriptions/${id}`);

it('shows a subscription as it was so long ago, and as it is when that time has come', async () => {
  const id = await publisher.buy();
  await advance('PT1H');
  await publisher.api('POST', `/saas/subscriptions/${id}/activate`);
  await publisher.untilStatus(id, 'Subscribed');
  await stale('PT30M');
  expect((await get(id)).body).toMatchObject({ saasSubscriptionStatus: 'PendingFulfillmentStart', term: { termUnit: 'P1M' } });
  expect((await get(id)).body.term).not.toHaveProperty('startDate');
  await advance('PT31M');
  expect((await get(id)).body).toMatchObject({ saasSubscriptionStatus: 'Subscribed', term: { startDate: expect.any(String) } });
});

it('goes back through several changes to the one that is meant', async () => {
  const id = await publisher.subscribe({ quantity: 1 });
  for (const quantity of [2, 3, 4]) {
    await advance('PT10M');
    const { body } = await publisher.control('POST', `/subscriptions/${id}/change-quantity`, { quantity });
    await advance('PT1M');
    await publisher.settled(id, body.operationId);
  }
  const seen = [];
  for (const age of ['PT0.001S', 'PT5M', 'PT15M', 'PT25M']) {
    const rule = await stale(age);
    seen.push((await get(id)).body.quantity);
    await publisher.control('DELETE', `/faults/${rule}`);
  }
  expect(seen).toEqual([4, 3, 2, 1]);
});

it('does not find what did not exist yet: a subscription, an operation', async () => {
  const id = await publisher.subscribe();
  await advance('PT1H');
  const { body } = await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' });
  const young = await publisher.buy();
  await stale('PT10M');
  const operations = `/saas/subscriptions/${id}/operations`;
  expect((await get(young)).status).toBe(404);
  expect((await publisher.api('GET', `${operations}/${body.operationId}`)).status).toBe(404);
  expect((await publisher.api('GET', operations)).body).toEqual({});
  const { subscriptions } = (await publisher.api('GET', '/saas/subscriptions')).body;
  expect(subscriptions).toMatchObject([{ id, saasSubscriptionStatus: 'Subscribed' }]);
  await advance('PT11M');
  expect((await publisher.api('GET', `${operations}/${body.operationId}`)).status).toBe(200);
});

it('is about reads alone: a write meets what is, and counts no match', async () => {
  const id = await publisher.buy();
  const rule = await stale('P1D');
  expect((await publisher.api('POST', `/saas/subscriptions/${id}/activate`)).status).toBe(200);
  expect((await publisher.control('GET', `/faults/${rule}`)).body).toMatchObject({ matched: 0 });
});

it('has no past after a reset', async () => {
  const id = await publisher.subscribe();
  await publisher.control('POST', '/reset');
  await stale('PT1H');
  expect((await get(id)).status).toBe(404);
});
