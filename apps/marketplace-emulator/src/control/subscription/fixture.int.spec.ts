import { Publisher, type ApiAnswer } from '../../testing/publisher';

let publisher: Publisher;

beforeAll(async () => {
  publisher = await Publisher.start();
});

beforeEach(async () => {
  await publisher.control('POST', '/reset');
});

afterAll(() => publisher.stop());

async function load(name: string): Promise<Record<string, string>> {
  const { status, body } = await publisher.control('POST', `/fixtures/${name}`);
  expect([status, body.error]).toEqual([201, undefined]);
  return body.subscriptions;
}

const apiOf = async (id: string | undefined): Promise<ApiAnswer['body']> => (await publisher.api('GET', `/saas/subscriptions/${id}`)).body;

it('loads one subscription in each state and of each kind, by ids that are always the same', async () => {
  const ids = await load('every-state');
  const states = await Promise.all(Object.entries(ids).map(async ([key, id]) => [key, (await apiOf(id)).saasSubscriptionStatus]));
  expect(Object.fromEntries(states)).toMatchObject({
    pending: 'PendingFulfillmentStart',
    subscribed: 'Subscribed',
    suspended: 'Suspended',
    cancelled: 'Unsubscribed',
    'never-activated': 'Unsubscribed',
  });
  expect(await apiOf(ids['csp'])).toMatchObject({ allowedCustomerOperations: ['Read'] });
  expect(await apiOf(ids['trial'])).toMatchObject({ isFreeTrial: true });
  expect(await apiOf(ids['preview'])).toMatchObject({ offerId: 'contoso-team-preview' });
  expect(await apiOf(ids['annual'])).toMatchObject({ term: { termUnit: 'P1Y' } });
  expect(await apiOf(ids['flat'])).not.toHaveProperty('quantity');
  const [change] = await publisher.webhooks(1, ({ body }) => body.subscriptionId === ids['changing']);
  expect(change?.body).toMatchObject({ action: 'ChangePlan', planId: 'platinum', subscription: { planId: 'gold' } });
  expect(publisher.received).toHaveLength(1);

  const { fixtures } = (await publisher.control('GET', '/fixtures')).body;
  const listed = fixtures.find(({ name }: { name: string }) => name === 'every-state').subscriptions;
  expect(Object.fromEntries(listed.map(({ key, id }: { key: string; id: string }) => [key, id]))).toEqual(ids);
});

it('loads terms that end next, each in its way', async () => {
  const ids = await load('renewals-due');
  await publisher.control('POST', '/clock/advance', { duration: 'P4D' });
  const after = await Promise.all(Object.entries(ids).map(async ([key, id]) => [key, await apiOf(id)]));
  expect(Object.fromEntries(after)).toMatchObject({
    monthly: { saasSubscriptionStatus: 'Subscribed' },
    ending: { saasSubscriptionStatus: 'Unsubscribed' },
    unpaid: { saasSubscriptionStatus: 'Suspended' },
    trial: { saasSubscriptionStatus: 'Subscribed', isFreeTrial: false },
  });
  for (const key of ['monthly', 'annual', 'flat'])
    await publisher.webhooks(1, ({ body }) => body.subscriptionId === ids[key] && body.action === 'Renew');
});

it('loads deadlines that pass within a day', async () => {
  const ids = await load('deadlines-due');
  await publisher.control('POST', '/clock/advance', { duration: 'P1D' });
  for (const id of Object.values(ids)) expect((await apiOf(id)).saasSubscriptionStatus).toBe('Unsubscribed');
});

it('refuses to load a fixture twice, one that does not exist, and one whose offer is gone', async () => {
  await load('deadlines-due');
  expect((await publisher.control('POST', '/fixtures/deadlines-due')).body.error).toContain('is loaded already');
  expect((await publisher.control('POST', '/fixtures/unheard-of')).status).toBe(404);
  await publisher.control('DELETE', '/offers/contoso-reach');
  const { status, body } = await publisher.control('POST', '/fixtures/every-state');
  expect([status, body.error]).toEqual([409, 'The fixture every-state needs plan base of offer contoso-reach, which is not sold here.']);
  expect((await publisher.control('GET', '/subscriptions')).body.subscriptions).toHaveLength(2);
});
