import { Publisher } from '../testing/publisher';
import { advance, businessNow, microsoftsWaits } from '../testing/timeline';

let publisher: Publisher;
let offerId: string;

beforeAll(async () => {
  publisher = await Publisher.start({ settings: microsoftsWaits });
  offerId = publisher.emulator.meteredOfferId ?? '';
});

beforeEach(async () => {
  await publisher.control('POST', '/reset');
});

afterAll(() => publisher.stop());

const dayMs = 86_400_000;
const planOf = async (id: string, planId = 'base') =>
  (await publisher.api('GET', `/saas/subscriptions/${id}/listAvailablePlans?planId=${planId}`)).body.plans[0].planComponents;
const includedIn = async (id: string, planId = 'base'): Promise<Record<string, string[]>> => {
  const { recurrentBillingTerms: terms } = await planOf(id, planId);
  return Object.fromEntries(
    terms.map((term: { termUnit: string; meteredQuantityIncluded: { units: string }[] }) => [
      term.termUnit,
      term.meteredQuantityIncluded.map(({ units }) => units),
    ]),
  );
};
const pricesIn = async (id: string, planId = 'base') =>
  (await planOf(id, planId)).meteringDimensions.map(({ pricePerUnit }: { pricePerUnit: number }) => pricePerUnit);
const invoiceOf = async (id: string) => (await publisher.control('GET', `/subscriptions/${id}/invoice`)).body;
const report = async (resourceId: string, quantity: number) => {
  const effectiveStartTime = new Date(await businessNow(publisher)).toISOString();
  const event = { resourceId, quantity, dimension: 'emails', planId: 'base', effectiveStartTime };
  expect((await publisher.api('POST', '/usageEvent', event)).status).toBe(200);
};

it('a plan includes as much as its term is long: in a year not what a month has', async () => {
  expect(await includedIn(await publisher.subscribe({ offerId, termUnit: 'P1Y' }))).toEqual({
    P1M: ['1000', '10'],
    P1Y: ['12000', '120'],
    P2Y: ['24000', '240'],
    P3Y: ['36000', '360'],
  });
});

it('an invoice charges every unit that was accepted, whatever the plan includes, and tells what that is in this very term', async () => {
  const yearly = await publisher.subscribe({ offerId, termUnit: 'P1Y' });
  await report(yearly, 150);
  const { terms } = await invoiceOf(yearly);
  expect(terms[0].usage[0].lines).toMatchObject([{ quantity: 150, amount: 1.5, includedQuantity: '12000' }]);
});

describe('a private offer with prices and quantities of its own', () => {
  const privateOffer = {
    price: 80,
    meteringDimensions: [{ id: 'emails', pricePerUnit: 0.003 }],
    meteredQuantityIncluded: [{ dimensionId: 'emails', units: '5000' }],
  };

  it('shows them to its subscription, for the term that it bought and the plan that it was made for', async () => {
    const id = await publisher.subscribe({ offerId, privateOffer });
    expect(await pricesIn(id)).toEqual([0.003, 0.08]);
    expect(await includedIn(id)).toMatchObject({ P1M: ['10', '5000'], P1Y: ['12000', '120'] });
    expect((await planOf(id)).recurrentBillingTerms[0]).toMatchObject({ termUnit: 'P1M', price: 80 });
    expect(await pricesIn(id, 'plus')).toEqual([0.01, 0.08]);
    const other = await publisher.subscribe({ offerId });
    expect([await pricesIn(other), (await includedIn(other))['P1M']]).toEqual([
      [0.01, 0.08],
      ['1000', '10'],
    ]);
  });

  it('charges them, and after its expiry charges and shows those of the plan from the next term on', async () => {
    const expiresAt = new Date((await businessNow(publisher)) + dayMs).toISOString();
    const id = await publisher.subscribe({ offerId, privateOffer: { ...privateOffer, expiresAt } });
    await advance(publisher, 'P2D');
    await report(id, 1_500);
    expect(await pricesIn(id)).toEqual([0.003, 0.08]);
    await advance(publisher, 'P32D');
    await report(id, 1_500);
    expect((await invoiceOf(id)).terms).toMatchObject([
      { fees: [{ amount: 80 }], usage: [{ amount: 4.5, lines: [{ pricePerUnit: 0.003, includedQuantity: '5000' }] }] },
      { fees: [{ amount: 100 }], usage: [{ amount: 15, lines: [{ pricePerUnit: 0.01, includedQuantity: '1000' }] }] },
    ]);
    expect([await pricesIn(id), (await includedIn(id))['P1M']]).toEqual([
      [0.01, 0.08],
      ['1000', '10'],
    ]);
  });

  it('can be one that the list of plans does not show, as far as it is known', async () => {
    await publisher.control('PATCH', '/settings', { privateOfferInPlans: 'hidden' });
    const id = await publisher.subscribe({ offerId, privateOffer });
    expect([await pricesIn(id), (await includedIn(id))['P1M']]).toEqual([
      [0.01, 0.08],
      ['1000', '10'],
    ]);
    await report(id, 1_000);
    expect((await invoiceOf(id)).terms[0].usage[0].amount).toBe(3);
  });

  it.each([
    ['a price and a discount', { price: 1, discountPercent: 5 }, 'price'],
    ['a price of what the plan has not', { meteringDimensions: [{ id: 'calls', pricePerUnit: 1 }] }, 'meteringDimensions'],
    ['a quantity of what the plan has not', { meteredQuantityIncluded: [{ dimensionId: 'calls', units: '1' }] }, 'meteredQuantityIncluded'],
    [
      'a quantity twice',
      {
        meteredQuantityIncluded: [
          { dimensionId: 'emails', units: '1' },
          { dimensionId: 'emails', units: '2' },
        ],
      },
      'meteredQuantityIncluded',
    ],
  ])('is refused with %s', async (_, agreed, member) => {
    const { status, body } = await publisher.control('POST', '/purchases', { offerId, privateOffer: agreed });
    expect({ status, field: body.problems[0].field }).toEqual({ status: 400, field: `privateOffer.${member}` });
  });
});

it.each([
  ['text', 'unlimited'],
  ['minus-one', '-1'],
  ['empty', ''],
])('a quantity without limit is written as the setting %s says', async (unlimitedUnits, units) => {
  await publisher.control('PATCH', '/settings', { unlimitedUnits });
  const privateOffer = { meteredQuantityIncluded: [{ dimensionId: 'texts', units: 'unlimited' }] };
  expect(await includedIn(await publisher.subscribe({ offerId, privateOffer }))).toMatchObject({ P1M: ['1000', units] });
});
