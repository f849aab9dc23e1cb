import { randomUUID } from 'node:crypto';
import { Publisher } from '../../testing/publisher';

const dayMs = 86_400_000;

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

const businessNow = async () => Date.parse((await publisher.control('GET', '/clock')).body.now);
const dateOf = (atMs: number) => new Date(atMs).toISOString().slice(0, 10);
const readBack = async (query: Record<string, string> = {}) => {
  const usageStartDate = dateOf((await businessNow()) - 400 * dayMs);
  return (await publisher.api('GET', `/usageEvents?${new URLSearchParams({ usageStartDate, ...query })}`)).body;
};
const report = async (resourceId: string, members: object = {}) => {
  const effectiveStartTime = new Date(await businessNow()).toISOString();
  const { status } = await publisher.api('POST', '/usageEvent', {
    resourceId,
    quantity: 5,
    dimension: 'emails',
    effectiveStartTime,
    planId: 'base',
    ...members,
  });
  expect(status).toBe(200);
};

it('adds up by day, dimension and plan what was accepted, exactly, and shows no names and no processing yet', async () => {
  const id = await publisher.subscribe({ offerId });
  const today = dateOf(await businessNow());
  const yesterday = new Date(Date.parse(today) - 1).toISOString(); // in its last hour, which is less than a day ago
  for (const [dimension, effectiveStartTime, quantity] of [
    ['emails', `${today}T00:00:00`, 0.1],
    ['texts', `${today}T00:00:00`, 3],
    ['emails', yesterday, 0.2],
  ] as const) {
    await report(id, { dimension, effectiveStartTime, quantity });
  }
  const submitted = {
    usageResourceId: id,
    planId: 'base',
    planName: '',
    offerId,
    offerName: '',
    offerType: 'SaaS',
    reconStatus: 'Submitted',
    processedQuantity: 0,
  };
  expect(await readBack()).toEqual(
    [
      { usageDate: `${yesterday.slice(0, 10)}T00:00:00Z`, dimension: 'emails', submittedQuantity: 0.2, submittedCount: 1 },
      { usageDate: `${today}T00:00:00Z`, dimension: 'emails', submittedQuantity: 0.1, submittedCount: 1 },
      { usageDate: `${today}T00:00:00Z`, dimension: 'texts', submittedQuantity: 3, submittedCount: 1 },
    ].map((record) => ({ ...submitted, ...record, azureSubscriptionId: expect.stringMatching(/^[0-9a-f-]{36}$/) })),
  );
});

it('sums the hours of a day without drift', async () => {
  const id = await publisher.subscribe({ offerId });
  await publisher.control('POST', '/clock/advance', { to: `${dateOf((await businessNow()) + dayMs)}T12:00:00Z` });
  const day = dateOf(await businessNow());
  for (const hour of ['07', '08', '09']) await report(id, { quantity: 0.1, effectiveStartTime: `${day}T${hour}:00:00Z` });
  expect(await readBack()).toMatchObject([{ submittedQuantity: 0.3, submittedCount: 3 }]);
});

it('is processed a day after the last event of the day, on the business clock, and then has names', async () => {
  const id = await publisher.subscribe({ offerId });
  await report(id);
  await publisher.control('POST', '/clock/advance', { duration: 'PT23H59M' });
  expect(await readBack()).toMatchObject([{ reconStatus: 'Submitted', processedQuantity: 0 }]);
  await publisher.control('POST', '/clock/advance', { duration: 'PT2M' });
  expect(await readBack()).toMatchObject([
    { reconStatus: 'Accepted', submittedQuantity: 5, processedQuantity: 5, planName: 'Base', offerName: 'Contoso Reach' },
  ]);
});

it('is processed as soon as the setting allows', async () => {
  await publisher.control('PATCH', '/settings', { usageReconDelayMs: 0 });
  await report(await publisher.subscribe({ offerId }));
  expect(await readBack()).toMatchObject([{ reconStatus: 'Accepted' }]);
});

it('shows usage of a test subscription and of a dry run as such, for ever', async () => {
  await publisher.control('PATCH', '/settings', { usageReconDelayMs: 0 });
  const [test, dryRun] = [
    await publisher.subscribe({ offerId, isTest: true }),
    await publisher.subscribe({ offerId, sessionMode: 'DryRun' }),
  ];
  await report(test);
  await report(dryRun);
  expect(await readBack()).toMatchObject([
    { usageResourceId: test, reconStatus: 'TestHeaders', submittedQuantity: 5, processedQuantity: 0, planName: '' },
    { usageResourceId: dryRun, reconStatus: 'DryRun', submittedQuantity: 5, processedQuantity: 0 },
  ]);
});

it('shows a purchase from the preview under the offer id that the API shows', async () => {
  await report(await publisher.subscribe({ offerId, preview: true }));
  expect(await readBack({ offerId: `${offerId}-preview` })).toHaveLength(1);
  expect(await readBack({ offerId })).toHaveLength(0);
});

describe('the end of a reconciliation', () => {
  it('is Rejected, or a Mismatch of half or of a quantity of one’s own, where the control API has set it', async () => {
    const id = await publisher.subscribe({ offerId });
    await report(id, { quantity: 6 });
    await report(id, { dimension: 'texts', quantity: 8 });
    const [{ usageDate: shown }] = await readBack();
    const usageDate = shown.slice(0, 10);
    const reconcile = (body: object) => publisher.control('POST', '/reconciliations', { subscriptionId: id, usageDate, ...body });
    expect((await reconcile({ reconStatus: 'Rejected', dimension: 'emails' })).body).toEqual({ reconciled: 1 });
    expect((await reconcile({ reconStatus: 'Mismatch', dimension: 'texts' })).body).toEqual({ reconciled: 1 });
    expect(await readBack()).toMatchObject([
      { dimension: 'emails', reconStatus: 'Rejected', processedQuantity: 0, planName: 'Base' },
      { dimension: 'texts', reconStatus: 'Mismatch', submittedQuantity: 8, processedQuantity: 4 },
    ]);
    await reconcile({ reconStatus: 'Mismatch', dimension: 'texts', processedQuantity: 7 });
    expect(await readBack({ reconStatus: 'Mismatch' })).toMatchObject([{ processedQuantity: 7 }]);
    expect((await reconcile({ reconStatus: 'Accepted' })).body).toEqual({ reconciled: 2 });
    expect(await readBack({ reconStatus: 'accepted' })).toHaveLength(2);
  });

  it('is refused where nothing was accepted, and where it makes no sense', async () => {
    const id = await publisher.subscribe({ offerId });
    const usageDate = dateOf(await businessNow());
    const reconcile = async (body: object) =>
      (await publisher.control('POST', '/reconciliations', { subscriptionId: id, usageDate, ...body })).status;
    expect(await reconcile({ reconStatus: 'Rejected' })).toBe(404);
    await report(id, { effectiveStartTime: `${usageDate}T00:00:00Z` });
    for (const wrong of [
      {},
      { reconStatus: 'Done' },
      { reconStatus: 'Rejected', processedQuantity: 1 },
      { reconStatus: 'Mismatch', processedQuantity: 5 },
      { reconStatus: 'Rejected', usageDate: 'today' },
    ]) {
      expect(await reconcile(wrong)).toBe(400);
    }
  });
});

describe('the query', () => {
  it('finds by day, plan, dimension, offer, Azure subscription and state', async () => {
    const [one, other] = [
      await publisher.subscribe({ offerId }),
      await publisher.subscribe({ offerId, planId: 'plus', beneficiary: 'a1e5c8d2-0b6f-4c57-9a41-5d3f1c000003' }),
    ];
    await report(one);
    await publisher.control('POST', '/clock/advance', { duration: 'P2D' });
    await report(other, { planId: 'plus', dimension: 'texts' });
    const all = await readBack();
    expect(
      all.map(({ usageResourceId, reconStatus }: { usageResourceId: string; reconStatus: string }) => [usageResourceId, reconStatus]),
    ).toEqual([
      [one, 'Accepted'],
      [other, 'Submitted'],
    ]);
    expect(all[0].azureSubscriptionId).not.toBe(all[1].azureSubscriptionId);
    const found = async (query: Record<string, string>) =>
      (await readBack(query)).map(({ usageResourceId }: { usageResourceId: string }) => usageResourceId);
    expect(await found({ usageStartDate: all[1].usageDate })).toEqual([other]);
    expect(await found({ UsageEndDate: all[0].usageDate })).toEqual([one]);
    expect(await found({ usageenddate: all[0].usageDate.slice(0, 10) })).toEqual([one]);
    expect(await found({ planId: 'plus' })).toEqual([other]);
    expect(await found({ dimension: 'emails' })).toEqual([one]);
    expect(await found({ azureSubscriptionId: all[1].azureSubscriptionId.toUpperCase() })).toEqual([other]);
    expect(await found({ azureSubscriptionId: randomUUID() })).toEqual([]);
    expect(await found({ reconStatus: 'Submitted' })).toEqual([other]);
    expect(await found({ offerId: 'contoso-team' })).toEqual([]);
  });

  it('is answered 400 where it makes no sense', async () => {
    expect(await publisher.api('GET', '/usageEvents')).toMatchObject({
      status: 400,
      body: { code: 'BadArgument', target: 'usageStartDate', message: 'The usageStartDate is required.' },
    });
    expect(await publisher.api('GET', '/usageEvents?usageStartDate=2024-01-01&reconStatus=Done')).toMatchObject({
      status: 400,
      body: { target: 'reconStatus' },
    });
  });

  it('finds nothing of nothing', async () => {
    expect(await readBack()).toEqual([]);
  });
});

it('lists each event with the control API: what was accepted, and what was refused and why', async () => {
  const id = await publisher.subscribe({ offerId });
  await report(id);
  const { body: other } = await publisher.api('POST', '/batchUsageEvent', {
    request: [
      { resourceId: id, quantity: -1, dimension: 'x'.repeat(1_000), planId: ['base'], effectiveStartTime: '2024-01-01T00:00:00Z' },
      null,
    ],
  });
  expect(other.result.map(({ status }: { status: string }) => status)).toEqual(['BadArgument', 'BadArgument']);
  const { body } = await publisher.control('GET', `/usage-events?subscriptionId=${id}`);
  expect(body.accepted).toMatchObject([{ usageEventId: expect.any(String), subscriptionId: id, dimension: 'emails', quantity: 5 }]);
  expect(body.refused).toMatchObject([
    {
      status: 'BadArgument',
      message: 'The planId is not valid: it must be the id of a plan.',
      event: { quantity: -1, dimension: 'x'.repeat(200), planId: '(array)' },
    },
  ]);
  expect((await publisher.control('GET', '/usage-events?limit=1')).body).toMatchObject({
    accepted: [{}],
    refused: [{ subscriptionId: null }],
  });
  await publisher.control('POST', '/reset');
  expect((await publisher.control('GET', '/usage-events')).body).toEqual({ accepted: [], refused: [] });
});
