import { Publisher } from '../testing/publisher';
import { advance, afterTerm, businessNow, microsoftsWaits } from '../testing/timeline';

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

const report = async (resourceId: string, quantity: number, effectiveAtMs?: number) => {
  const effectiveStartTime = new Date(effectiveAtMs ?? (await businessNow(publisher))).toISOString();
  const event = { resourceId, quantity, dimension: 'emails', planId: 'base', effectiveStartTime };
  const { status, body } = await publisher.api('POST', '/usageEvent', event);
  return status === 200 ? body.status : { status, code: body.code };
};
const termsOf = async (id: string) => (await publisher.control('GET', `/subscriptions/${id}/invoice`)).body.terms;
const shownTerm = async (id: string) => (await publisher.api('GET', `/saas/subscriptions/${id}`)).body.term;
const includedNow = async (id: string, termUnit: string) => {
  const { plans } = (await publisher.api('GET', `/saas/subscriptions/${id}/listAvailablePlans?planId=base`)).body;
  const { recurrentBillingTerms: terms } = plans[0].planComponents;
  return terms.find((term: { termUnit: string }) => term.termUnit === termUnit).meteredQuantityIncluded[0].units;
};

it.each([
  ['P1M', '1000', 100],
  ['P1Y', '12000', 1_000],
])('of a term of %s begins at midnight, tells new dates, includes %s anew, and has an invoice of its own', async (termUnit, units, fee) => {
  const id = await publisher.subscribe({ offerId, termUnit });
  const first = await shownTerm(id);
  expect([first.termUnit, await includedNow(id, termUnit)]).toEqual([termUnit, units]);
  const midnight = afterTerm({ term: first });
  await advance(publisher, new Date(Date.parse(midnight) - 60_000).toISOString());
  await report(id, 150);
  await advance(publisher, midnight);
  const second = await shownTerm(id);
  expect([Date.parse(second.startDate), await includedNow(id, termUnit)]).toEqual([Date.parse(midnight), units]);
  expect(publisher.received.filter(({ body }) => body.subscriptionId === id).at(-1)?.body).toMatchObject({ action: 'Renew' });
  await advance(publisher, 'PT1H');
  await report(id, 250);
  expect(await termsOf(id)).toMatchObject([
    { fees: [{ amount: fee }], usage: [{ amount: 1.5, lines: [{ quantity: 150, includedQuantity: units }] }], amount: fee + 1.5 },
    { fees: [{ amount: fee }], usage: [{ amount: 2.5, lines: [{ quantity: 250, includedQuantity: units }] }], amount: fee + 2.5 },
  ]);
});

it('takes usage of the hours before it afterwards, and bills that in the term in which it was used', async () => {
  const id = await publisher.subscribe({ offerId });
  const midnight = Date.parse(afterTerm({ term: await shownTerm(id) }));
  await advance(publisher, new Date(midnight + 3 * 3_600_000).toISOString());
  expect(await report(id, 40, midnight - 3_600_000)).toBe('Accepted');
  expect(await report(id, 60, midnight)).toBe('Accepted');
  expect(await report(id, 61, midnight)).toEqual({ status: 409, code: 'Conflict' });
  expect((await termsOf(id)).map(({ usage }: { usage: { amount: number }[] }) => usage.map(({ amount }) => amount))).toEqual([
    [0.4],
    [0.6],
  ]);
});

it('invoices usage of a yearly term by its months, and none of it twice', async () => {
  const id = await publisher.subscribe({ offerId, termUnit: 'P1Y' });
  for (let time = 0; time < 12; time += 1) {
    await report(id, 100);
    await advance(publisher, 'P30D');
  }
  await advance(publisher, 'P10D'); // in the next year
  await report(id, 100);
  const terms: { usage: { amount: number }[] }[] = await termsOf(id);
  expect(terms.map(({ usage }) => usage.reduce((sum, { amount }) => sum + amount, 0))).toEqual([12, 1]);
  expect(terms[0]!.usage.length).toBeGreaterThan(9);
});
