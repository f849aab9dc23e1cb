import { randomUUID } from 'node:crypto';
import { checkSubscription, readPlan, readUsage, USAGE_ROWS_PER_MESSAGE } from '@landfall/contracts';
import { MarketplaceForbidden, type UsageRow } from '@landfall/marketplace-client';
import { aMarketplacePlan } from '../../testing/microsoft.samples';
import { away } from '../../testing/fake.marketplace';
import { fulfillmentApp } from '../../testing/fulfillment.app';
import { RecordedWorker } from '../recorded/recorded.worker';

const { app, marketplace, incoming, performLater, failures, crash } = fulfillmentApp();

const days = 86_400_000;
const plan = () => incoming(readPlan({ subscriptionId: marketplace.subscription!.id, planId: 'silver' }));
const check = () => incoming(checkSubscription({ subscriptionId: marketplace.subscription!.id }));
const day = (readId: string = randomUUID()) => incoming(readUsage({ readId, publisherId: 'contoso', day: '2026-03-01' }));
const forbidden = () => new MarketplaceForbidden('Microsoft answered 403', { status: 403 });
const failing = (error: (() => Error) | null) => {
  marketplace.failing = () => {
    if (error) throw error();
  };
};
const row = (number: number): UsageRow => ({
  ...{ subscriptionId: marketplace.subscription!.id, dimension: `d${number}`, planId: 'silver', reconStatus: 'Accepted' },
  ...{ submittedQuantity: `${number}.30000000000000004`, processedQuantity: String(number), submittedCount: 1 },
});

it('reads what a plan costs and includes for that very subscription, once, however often it is ordered meanwhile', async () => {
  const included = [{ dimensionId: 'emails', units: '1000' }];
  marketplace.plans = [
    aMarketplacePlan({
      planId: 'silver',
      meteringDimensions: [{ id: 'emails', displayName: 'E-mails', unitOfMeasure: 'e-mail', currency: 'USD', pricePerUnit: 1e-7 }],
      billingTerms: [{ termUnit: 'P1M', termDescription: '', currency: 'USD', price: 10, included }],
    }),
  ];
  await app.deliver(plan(), plan());
  await app.perform();
  expect(await app.sent()).toMatchObject([
    {
      type: 'landfall.fulfillment.plan-read.v1',
      data: {
        isListed: true,
        dimensions: [{ dimension: 'emails', pricePerUnit: '0.0000001', currency: 'USD' }],
        terms: [{ termUnit: 'P1M', included: [{ dimension: 'emails', units: '1000' }] }],
      },
    },
  ]);
});

it('says that Microsoft does not list a plan', async () => {
  marketplace.plans = [];
  await app.deliver(plan());
  await app.perform();
  expect(await app.sent()).toMatchObject([{ data: { isListed: false, dimensions: [], terms: [] } }]);
});

it('reads a subscription for billing, as a read of its own that closes nothing', async () => {
  marketplace.show({ status: 'Suspended' });
  await app.deliver(check());
  await app.perform();
  expect(await app.sent()).toMatchObject([
    {
      type: 'landfall.fulfillment.subscription-observed.v1',
      data: { occasion: 'usage', order: null, closes: [], read: { snapshot: { status: 'Suspended' } } },
    },
  ]);
});

it.each([
  ['a plan', plan],
  ['a subscription', check],
  ['a day', () => day()],
])(
  'asks for %s again while Microsoft is away, which counts no failure, or refuses it, and gives up after three days for all to see',
  async (_what, order) => {
    failing(() => away(500));
    await app.deliver(order());
    await app.perform();
    expect(await failures()).toMatchObject([{ state: 'ready', failures: 0 }]);
    failing(forbidden);
    await performLater();
    expect(await app.sent()).toEqual([]);
    expect(await failures()).toMatchObject([{ state: 'ready' }]);
    await app.query(`update fulfillment.job set created_at = created_at - $1::float8 * interval '1 ms'`, [3 * days]);
    await performLater();
    expect(await failures()).toMatchObject([{ state: 'dead' }]);
  },
);

it('hands a day over in parts, whole and in order, also where a run dies in between, with quantities in our digits', async () => {
  const count = 7 * USAGE_ROWS_PER_MESSAGE + 1; // more parts than a run hands over
  marketplace.usage.rows = Array.from({ length: count }, (_, number) => row(number));
  await app.deliver(day());
  await app.perform();
  await crash((job) => app.get(RecordedWorker).handOver(job));
  for (let run = 0; run < 3; run += 1) await performLater();
  const parts = (await app.sent()).map(
    ({ data }) => data as { part: number; isLast: boolean; rows: { dimension: string; submittedQuantity: string }[] },
  );
  expect(parts.map(({ part, isLast }) => [part, isLast])).toEqual(Array.from({ length: 8 }, (_, place) => [place + 1, place === 7]));
  expect(parts.flatMap(({ rows }) => rows.map(({ dimension }) => dimension))).toEqual(
    marketplace.usage.rows.map(({ dimension }) => dimension),
  );
  expect(parts[0]!.rows[1]).toMatchObject({ submittedQuantity: '1.3' });
  expect(await app.jobs()).toEqual([]);
});

it('keeps a list as it comes, and hands over nothing of one that broke off', async () => {
  marketplace.usage.rows = Array.from({ length: 1_001 }, (_, number) => row(number));
  const kept = async () => (await app.query('select from fulfillment.usage_reads')).length;
  const before = await kept();
  let cut = 0;
  marketplace.losing = () => {
    cut += 1;
    if (cut === 1) throw away();
  };
  await app.deliver(day());
  await app.perform();
  expect(await kept()).toBe(before);
  for (let run = 0; run < 3; run += 1) await performLater();
  const parts = (await app.sent()).map(({ data }) => (data as { rows: unknown[] }).rows.length);
  expect(parts).toEqual([200, 200, 200, 200, 200, 1]);
  expect(await kept()).toBe(before + 1); // what was handed over is needed no more, but for the last part
});

it('hands over a day without usage as one part without rows', async () => {
  await app.deliver(day());
  await app.perform();
  await performLater();
  expect(await app.sent()).toMatchObject([{ type: 'landfall.fulfillment.usage-read.v1', data: { part: 1, isLast: true, rows: [] } }]);
});
