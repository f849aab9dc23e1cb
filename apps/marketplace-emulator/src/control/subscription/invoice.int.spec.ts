import { randomUUID } from 'node:crypto';
import { Publisher } from '../../testing/publisher';

let publisher: Publisher;
let offerId: string;

beforeAll(async () => {
  publisher = await Publisher.start();
  offerId = publisher.emulator.meteredOfferId ?? '';
});

beforeEach(async () => {
  await publisher.control('POST', '/reset');
});

afterAll(() => publisher.stop());

const invoiceOf = async (id: string) => (await publisher.control('GET', `/subscriptions/${id}/invoice`)).body;
const businessNow = async () => Date.parse((await publisher.control('GET', '/clock')).body.now);
const report = async (resourceId: string, members: object = {}) => {
  const effectiveStartTime = new Date(await businessNow()).toISOString();
  const event = { resourceId, quantity: 150, dimension: 'emails', effectiveStartTime, planId: 'base', ...members };
  expect((await publisher.api('POST', '/usageEvent', event)).status).toBe(200);
};
const act = async (id: string, action: string, body?: object) => {
  const answer = await publisher.control('POST', `/subscriptions/${id}/${action}`, body);
  await publisher.settled(id, answer.body.operationId);
};

it('bills a term with its fee, and usage by the plan under which it was reported', async () => {
  const id = await publisher.subscribe({ offerId });
  await report(id);
  await act(id, 'change-plan', { planId: 'plus' });
  await report(id, { planId: 'plus', dimension: 'texts', quantity: 2 });
  const { term } = await publisher.truth(id);
  expect(await invoiceOf(id)).toMatchObject({
    subscriptionId: id,
    offerId,
    currency: 'USD',
    isApproximate: true,
    isBilled: true,
    isComplete: true,
    usageMissingUpTo: null,
    terms: [
      {
        from: term.startDate.slice(0, 10),
        to: term.endDate.slice(0, 10),
        termUnit: 'P1M',
        fees: [{ planId: 'plus', price: 400 }], // changed on the first day
        usage: [
          {
            lines: [
              { planId: 'base', dimension: 'emails', quantity: 150, amount: 1.5 },
              { planId: 'plus', dimension: 'texts', quantity: 2, amount: 0.16 },
            ],
          },
        ],
      },
    ],
    amount: 401.66,
  });
});

it('adds a term with each renewal, and gives its fee back after a cancellation within 72 hours', async () => {
  const id = await publisher.subscribe({ planId: 'silver', quantity: 5 });
  await act(id, 'renew');
  expect((await invoiceOf(id)).terms).toMatchObject([{ amount: 40 }, { amount: 40 }]);
  await act(id, 'unsubscribe');
  expect(await invoiceOf(id)).toMatchObject({
    terms: [
      { refund: 0, amount: 40 },
      { refund: -40, amount: 0 },
    ],
  });
});

it('bills a cancellation after 72 hours as if it had not been', async () => {
  const id = await publisher.subscribe({ planId: 'silver', quantity: 5 });
  await publisher.control('POST', '/clock/advance', { duration: 'PT73H' });
  await act(id, 'unsubscribe');
  expect(await invoiceOf(id)).toMatchObject({ terms: [{ refund: 0, amount: 40 }], amount: 40 });
});

it('leaves out usage that reconciliation rejected', async () => {
  const id = await publisher.subscribe({ offerId });
  const usageDate = new Date(await businessNow()).toISOString().slice(0, 10);
  await report(id, { effectiveStartTime: `${usageDate}T00:00:00Z` });
  await publisher.control('POST', '/reconciliations', { subscriptionId: id, usageDate, reconStatus: 'Rejected' });
  expect(await invoiceOf(id)).toMatchObject({ terms: [{ usage: [] }], amount: 100 });
});

it('costs nothing before the activation and in a trial, and marks a dry run as not billed', async () => {
  expect(await invoiceOf(await publisher.buy())).toMatchObject({ terms: [], amount: 0 });
  expect(await invoiceOf(await publisher.subscribe({ planId: 'starter', trial: true }))).toMatchObject({
    terms: [{ fees: [{ isFreeTrial: true, amount: 0 }] }],
    amount: 0,
  });
  expect(await invoiceOf(await publisher.subscribe({ offerId, sessionMode: 'DryRun' }))).toMatchObject({ isBilled: false });
});

it('goes on by itself as time does: a trial becomes paid, and the usage of an annual term is invoiced month by month', async () => {
  const trial = await publisher.subscribe({ planId: 'starter', trial: true, quantity: 2 });
  const annual = await publisher.subscribe({ offerId, termUnit: 'P1Y' });
  for (let month = 0; month < 3; month++) {
    await report(annual);
    await publisher.control('POST', '/clock/advance', { duration: 'P32D' }); // in the next month, whatever day it is
  }
  expect((await invoiceOf(trial)).terms.map(({ amount }: { amount: number }) => amount)).toEqual([0, 12, 12, 12]);
  const { terms, amount } = await invoiceOf(annual);
  expect(terms).toMatchObject([{ fees: [{ price: 1_000, amount: 1_000 }], usage: [{ amount: 1.5 }, { amount: 1.5 }, { amount: 1.5 }] }]);
  expect(amount).toBe(1_004.5);
});

it('charges a private offer with its discount until it expires, what renews after that at list price, and another plan at its own price', async () => {
  const expiresAt = new Date((await businessNow()) + 86_400_000).toISOString();
  const seats = { max: 400 };
  const id = await publisher.subscribe({ planId: 'silver', quantity: 200, privateOffer: { discountPercent: 25, expiresAt, seats } });
  expect((await invoiceOf(id)).terms).toMatchObject([{ fees: [{ price: 6 }], amount: 1_200 }]);
  await publisher.control('POST', '/clock/advance', { duration: 'P32D' });
  expect((await invoiceOf(id)).terms).toMatchObject([{ amount: 1_200 }, { fees: [{ price: 8 }], amount: 1_600 }]);
  expect(await publisher.truth(id)).toMatchObject({ quantity: 200, privateOffer: { expiresAt, seats } }); // nothing but the price falls back
  const moved = await publisher.subscribe({ planId: 'silver', privateOffer: { discountPercent: 25 } });
  await act(moved, 'change-plan', { planId: 'gold' });
  expect((await invoiceOf(moved)).terms).toMatchObject([{ fees: [{ planId: 'gold', price: 14 }] }]);
});

it('is not there for a subscription that is not', async () => {
  expect((await publisher.control('GET', `/subscriptions/${randomUUID()}/invoice`)).status).toBe(404);
});
