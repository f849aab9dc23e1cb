import { Publisher } from '../testing/publisher';
import type { Settings } from '../settings/settings';

let publisher: Publisher;

beforeAll(async () => {
  publisher = await Publisher.start();
});

beforeEach(async () => {
  await publisher.control('POST', '/reset');
});

afterAll(() => publisher.stop());

const set = (settings: Partial<Settings>) => publisher.control('PATCH', '/settings', settings);
const get = async (id: string, below = '') => (await publisher.api('GET', `/saas/subscriptions/${id}${below}`)).body;

it('chargeDuration is absent from REST, or present where the setting wants it', async () => {
  const id = await publisher.buy({ planId: 'enterprise', termUnit: 'P1Y' });
  expect((await get(id)).term).toEqual({ termUnit: 'P1Y' });
  await set({ chargeDurationInRest: 'present' });
  expect((await get(id)).term).toEqual({ termUnit: 'P1Y', chargeDuration: 'P1M' });
  expect((await get(await publisher.buy())).term).toEqual({ termUnit: 'P1M', chargeDuration: null });
});

it('quantity at a flat rate is absent from REST, or null, empty or 1; seats are not touched by it', async () => {
  const { subscriptionId: id, landingUrl } = (await publisher.control('POST', '/purchases', { offerId: 'contoso-reach' })).body;
  const token = new URL(landingUrl).searchParams.get('token') as string;
  await publisher.api('POST', `/saas/subscriptions/${id}/activate`);
  await publisher.untilStatus(id, 'Subscribed');
  const { operationId } = (await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'plus' })).body;
  const seats = await publisher.buy({ quantity: 3 });
  for (const [flatRateQuantityInRest, expected] of [
    ['absent', undefined],
    ['null', null],
    ['empty', ''],
    ['one', 1],
  ] as const) {
    await set({ flatRateQuantityInRest });
    const resolved = (await publisher.api('POST', '/saas/subscriptions/resolve', undefined, { 'x-ms-marketplace-token': token })).body;
    for (const shown of [await get(id), resolved, resolved.subscription, await get(id, `/operations/${operationId}`)]) {
      expect('quantity' in shown).toBe(expected !== undefined);
      expect(shown.quantity).toBe(expected);
    }
    expect((await get(seats)).quantity).toBe(3);
  }
});

it('a plan without a maximum shows none, or a million', async () => {
  const id = await publisher.buy({ planId: 'enterprise' });
  expect((await get(id, '/listAvailablePlans?planId=enterprise')).plans[0]).not.toHaveProperty('maxQuantity');
  await set({ maxQuantityWhenUnlimited: 'large' });
  expect((await get(id, '/listAvailablePlans?planId=enterprise')).plans[0]).toMatchObject({ minQuantity: 1, maxQuantity: 1_000_000 });
  expect((await get(id, '/listAvailablePlans?planId=gold')).plans[0]).toMatchObject({ maxQuantity: 1_000 });
});

it('the status is plain, or padded with blanks; the truth stays plain', async () => {
  const id = await publisher.buy();
  await set({ statusPadding: 'blanks' });
  expect((await get(id)).saasSubscriptionStatus).toBe(' PendingFulfillmentStart ');
  expect((await publisher.truth(id)).saasSubscriptionStatus).toBe('PendingFulfillmentStart');
});

it('unknown members are in no object, or in every one, and never in the place of a known one', async () => {
  const id = await publisher.buy();
  const plain = await get(id);
  expect(plain).not.toHaveProperty('notDocumented');
  await set({ unknownProperties: 'some' });
  const strange = await get(id);
  expect(strange).toMatchObject(plain);
  for (const object of [
    strange,
    strange.beneficiary,
    strange.term,
    (await publisher.api('GET', '/saas/subscriptions')).body.subscriptions[0],
  ])
    expect(object).toMatchObject({ notDocumented: { values: [1, null, true, { deep: '' }] }, storeFront: 'Azure' });
  expect(await publisher.truth(id)).not.toHaveProperty('notDocumented');
});

it('an empty list is an empty object, a list without entries, or no body at all', async () => {
  const id = await publisher.buy();
  expect(await get(id, '/operations')).toEqual({});
  await set({ emptyAnswer: 'empty-list' });
  expect(await get(id, '/operations')).toEqual({ operations: [] });
  await publisher.control('POST', '/reset');
  for (const [emptyAnswer, body] of [
    ['object', {}],
    ['empty-list', { subscriptions: [] }],
    ['no-body', undefined],
  ] as const) {
    await set({ emptyAnswer });
    expect(await publisher.api('GET', '/saas/subscriptions')).toMatchObject({ status: 200, body });
  }
});

it('the last page has no link, or one that is null or empty', async () => {
  await publisher.buy();
  for (const [lastPageLink, link] of [
    ['absent', undefined],
    ['null', null],
    ['empty', ''],
  ] as const) {
    await set({ lastPageLink });
    expect((await publisher.api('GET', '/saas/subscriptions')).body['@nextLink']).toBe(link);
  }
});

describe('whoever follows the links to the end has every subscription once', () => {
  async function followed(): Promise<{ ids: string[]; sizes: number[] }> {
    const [ids, sizes]: [string[], number[]] = [[], []];
    for (let link: string | undefined = '/saas/subscriptions'; link;) {
      const { body } = await publisher.api('GET', link);
      ids.push(...body.subscriptions.map(({ id }: { id: string }) => id));
      sizes.push(body.subscriptions.length);
      link = body['@nextLink'];
    }
    return { ids, sizes };
  }

  async function bought(count: number): Promise<string[]> {
    const ids: string[] = [];
    while (ids.length < count) ids.push(await publisher.buy());
    return ids;
  }

  it('where an empty page with a link comes before every page', async () => {
    const ids = await bought(5);
    await set({ listPageSizeMin: 2, listPageSizeMax: 2, emptyPageWithLink: 'before-every-page' });
    expect(await followed()).toEqual({ ids, sizes: [0, 2, 0, 2, 0, 1] });
  });

  it('where the list comes in partitions, whose order is not that of the purchases', async () => {
    const ids = await bought(10);
    await set({ listPageSizeMin: 2, listPageSizeMax: 2, listOrder: 'partitioned' });
    const list = await followed();
    expect(list.ids).not.toEqual(ids);
    expect([...list.ids].sort()).toEqual([...ids].sort());
    expect(list.sizes).toEqual([2, 1, 2, 1, 2, 2]);
  });

  it('where partitions are empty, and where both are asked for', async () => {
    const ids = await bought(2);
    await set({ listOrder: 'partitioned' });
    expect(await followed()).toEqual({ ids, sizes: [1, 1, 0, 0] });
    await set({ emptyPageWithLink: 'before-every-page' });
    expect(await followed()).toEqual({ ids, sizes: [0, 1, 0, 1, 0, 0, 0, 0] });
  });
});
