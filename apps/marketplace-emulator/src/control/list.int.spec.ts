import { Publisher } from '../testing/publisher';

let publisher: Publisher;

beforeAll(async () => {
  publisher = await Publisher.start();
});

beforeEach(async () => {
  await publisher.control('POST', '/reset');
});

afterAll(() => publisher.stop());

it('lists subscriptions in pages', async () => {
  const bought = [await publisher.buy(), await publisher.buy(), await publisher.buy()];
  const first = (await publisher.control('GET', '/subscriptions?limit=2')).body;
  const second = (await publisher.control('GET', `/subscriptions?limit=2&from=${first.next}`)).body;
  expect([...first.subscriptions, ...second.subscriptions].map(({ id }: { id: string }) => id)).toEqual(bought);
  expect((await publisher.control('GET', '/subscriptions?limit=0')).status).toBe(400);
});

it('lists the subscriptions of a status, an offer, a plan, a tenant or a channel', async () => {
  const tenantId = 'f4b21a00-7c3e-4d59-8e11-0c5a9f00000f';
  const bought = {
    pending: await publisher.buy(),
    instant: await publisher.buy({ autoActivate: true }),
    gold: await publisher.buy({ planId: 'gold' }),
    reach: await publisher.buy({ offerId: 'contoso-reach' }),
    csp: await publisher.buy({ channel: 'csp' }),
    tenant: await publisher.buy({ beneficiary: { tenantId } }),
  };
  for (const [query, expected] of [
    ['status=Subscribed', bought.instant],
    ['planId=gold', bought.gold],
    ['offerId=contoso-reach', bought.reach],
    ['channel=csp', bought.csp],
    [`tenantId=${tenantId.toUpperCase()}&status=PendingFulfillmentStart`, bought.tenant],
  ]) {
    const { subscriptions, next } = (await publisher.control('GET', `/subscriptions?${query}`)).body;
    expect([subscriptions.map(({ id }: { id: string }) => id), next]).toEqual([[expected], null]);
  }
  const { body } = await publisher.control('GET', '/subscriptions?status=Active&limit=2000');
  expect(body.problems.map(({ field }: { field: string }) => field)).toEqual(['limit', 'status']);
});

it('lists people in pages', async () => {
  const { people } = (await publisher.control('GET', '/people')).body;
  const first = (await publisher.control('GET', '/people?limit=3')).body;
  const second = (await publisher.control('GET', `/people?from=${first.next}`)).body;
  expect([first.people.length, second.next, [...first.people, ...second.people]]).toEqual([3, null, people]);
});
