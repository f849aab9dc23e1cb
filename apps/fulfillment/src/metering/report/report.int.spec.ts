import { randomUUID } from 'node:crypto';
import { reportUsage, type Message, type UsageEvent } from '@landfall/contracts';
import { MarketplaceForbidden, MarketplaceThrottled } from '@landfall/marketplace-client';
import { away, rejected, unreachable } from '../../testing/fake.marketplace';
import { fulfillmentApp } from '../../testing/fulfillment.app';
import { BatchRepository, BatchTakenOver } from './batch.repository';
import { ReportWorker } from './report.worker';

const { app, marketplace, incoming, performLater, crash } = fulfillmentApp();

const hourMs = 3_600_000;
const answered = 'landfall.fulfillment.usage-answered.v1';
const crashedRun = () => crash((job) => app.get(ReportWorker).report(job));
const inFuture = (ms: number) => new Date(app.clock.now().getTime() + ms).toISOString();
const events = (count: number): UsageEvent[] =>
  Array.from({ length: count }, (_, place) => ({
    ...{ subscriptionId: marketplace.subscription!.id, dimension: `d${place}`, planId: 'silver', quantity: `${place + 1}.5` },
    effectiveStartTime: '2026-03-01T10:00:00.000Z',
  }));
const command = (count = 2, differing: { batchId?: string; deadline?: string } = {}) =>
  incoming(
    reportUsage({ batchId: randomUUID(), publisherId: 'contoso', deadline: inFuture(20 * hourMs), events: events(count), ...differing }),
  );
const handOver = async (count = 2) => {
  const message = command(count);
  await app.deliver(message);
  return message.data.batchId;
};
const batchRow = async (batchId: string) => (await app.query('select * from fulfillment.usage_batches where batch_id = $1', [batchId]))[0]!;
const resultsOf = (sent: readonly Message[]) => sent.map(({ data }) => (data as { results: object[] }).results);
const failing = (error: (requestId: string) => Error) => {
  marketplace.failing = (_call, requestId) => {
    throw error(requestId);
  };
};
const throttled = (retryAfterMs: number) => new MarketplaceThrottled('Microsoft answered 429', { status: 429, retryAfterMs });
const forbidden = () => new MarketplaceForbidden('Microsoft answered 403', { status: 403 });

it('reports a batch in one call, and answers once, with a result for each event in its order, however often it is handed over', async () => {
  const message = command(3);
  await app.deliver(message, message, command(3, message.data));
  await app.perform();
  await app.deliver(command(3, message.data));
  await performLater();
  expect(marketplace.usage.batches).toEqual([message.data.events]);
  const [answer, ...others] = await app.sent();
  expect(others).toEqual([]);
  const results = message.data.events.map((event) => ({
    ...event,
    status: 'Accepted',
    unanswered: 0,
    usageEventId: expect.any(String),
    stored: null,
  }));
  expect(answer).toMatchObject({
    ...{ type: answered, key: message.data.batchId },
    data: { batchId: message.data.batchId, publisherId: 'contoso', registration: 'default', requestId: expect.any(String), results },
  });
  expect(await app.jobs()).toEqual([]);
});

it('sends nothing else under the id of a batch', async () => {
  const { batchId } = command().data;
  await app.deliver(command(2, { batchId }), command(1, { batchId }));
  await app.perform();
  expect(marketplace.usage.batches.map(({ length }) => length)).toEqual([2]);
  expect(resultsOf(await app.sent())).toMatchObject([[{}, {}]]);
});

it('writes an attempt down before it leaves, and its answer after it', async () => {
  const batchId = await handOver();
  let before: Record<string, unknown> = {};
  marketplace.failing = async () => void (before = await batchRow(batchId));
  await app.perform();
  expect(before).toMatchObject({ in_flight: { requestId: expect.any(String), events: [0, 1] }, answered_at: null });
  expect(await batchRow(batchId)).toMatchObject({ in_flight: null, answered_at: expect.any(Date) });
});

describe('a process that is killed', () => {
  it('between call and answer has not been answered: the same batch is sent again, and Microsoft’s duplicate is told beside that', async () => {
    await handOver();
    await crashedRun();
    expect(await app.sent()).toEqual([]);
    await performLater();
    const [first, second] = marketplace.usage.batches;
    expect(second).toEqual(first);
    expect(resultsOf(await app.sent())).toMatchObject([
      [
        { status: 'Duplicate', unanswered: 1, stored: { quantity: '1.5', planId: 'silver', usageEventId: expect.any(String) } },
        { status: 'Duplicate', unanswered: 1 },
      ],
    ]);
  });

  it('before it wrote the attempt down has sent nothing', async () => {
    await handOver();
    const writing = jest.spyOn(app.get(BatchRepository), 'writeDown').mockRejectedValueOnce(new Error('killed'));
    await crashedRun().catch(() => undefined); // the process is dead, and says nothing
    writing.mockRestore();
    await performLater();
    expect(marketplace.usage.batches).toHaveLength(1);
    expect(resultsOf(await app.sent())).toMatchObject([
      [
        { status: 'Accepted', unanswered: 0 },
        { status: 'Accepted', unanswered: 0 },
      ],
    ]);
  });

  it('after the last attempt before the deadline leaves it open whether Microsoft has the usage', async () => {
    await handOver();
    await crashedRun();
    app.clock.advance(20 * hourMs);
    await app.perform();
    expect(marketplace.usage.batches).toHaveLength(1);
    expect(resultsOf(await app.sent())).toMatchObject([
      [
        { status: null, unanswered: 1 },
        { status: null, unanswered: 1 },
      ],
    ]);
  });
});

it('lets a run that was thought dead send nothing more once another has begun', async () => {
  const batchId = await handOver();
  const batches = app.get(BatchRepository);
  const old = (await batches.begin(batchId))!;
  const attempt = { requestId: randomUUID(), events: [0, 1] };
  await batches.begin(batchId);
  await expect(batches.writeDown(old, attempt)).rejects.toThrow(BatchTakenOver);
  await app.perform();
  await expect(batches.writeDown(old, attempt)).rejects.toThrow(BatchTakenOver);
});

it('repeats the call unchanged while it is not answered, and says until when nobody did', async () => {
  marketplace.losing = () => {
    throw away(null);
  };
  await handOver();
  for (let run = 0; run < 3; run += 1) await performLater();
  expect(new Set(marketplace.usage.batches.map((batch) => JSON.stringify(batch))).size).toBe(1);
  expect([marketplace.usage.batches.length, await app.sent()]).toEqual([3, []]);
  app.clock.advance(20 * hourMs);
  await app.perform();
  expect(marketplace.usage.batches).toHaveLength(3);
  expect(resultsOf(await app.sent())).toMatchObject([[{ status: null, unanswered: 3, reason: 'Microsoft is away' }, { unanswered: 3 }]]);
});

it.each([
  ['is not let in', () => forbidden()],
  ['is too fast', () => throttled(1_000)],
  ['finds nobody', unreachable],
])('waits where it %s, which no event is to blame for, and says at the deadline that Microsoft has nothing', async (_what, error) => {
  failing(error);
  const batchId = await handOver();
  await app.perform();
  await performLater();
  expect((await batchRow(batchId))['progress']).toMatchObject([{ unanswered: 0, answer: null }, {}]);
  expect(await app.query('select state, failures from fulfillment.job')).toEqual([{ state: 'ready', failures: 0 }]);
  app.clock.advance(20 * hourMs);
  await app.perform();
  expect(resultsOf(await app.sent())).toMatchObject([
    [
      { status: 'unsent', unanswered: 0 },
      { status: 'unsent', reason: expect.any(String) },
    ],
  ]);
});

it('keeps a Retry-After', async () => {
  failing(() => throttled(10 * 60_000));
  await handOver();
  await app.perform();
  marketplace.failing = () => undefined;
  await performLater();
  expect([marketplace.times('reportUsage'), marketplace.usage.batches]).toEqual([1, []]);
  app.clock.advance(9 * 60_000);
  await app.perform();
  expect(resultsOf(await app.sent())).toMatchObject([[{ status: 'Accepted', unanswered: 0 }, {}]]);
});

it('repeats only the events that Microsoft called an error', async () => {
  marketplace.usage.answering = ({ dimension }) => (dimension === 'd1' ? { status: 'Error', message: 'try later' } : undefined);
  await handOver(3);
  await app.perform();
  marketplace.usage.answering = () => undefined;
  await performLater();
  expect(marketplace.usage.batches.map((batch) => batch.map(({ dimension }) => dimension))).toEqual([['d0', 'd1', 'd2'], ['d1']]);
  expect(resultsOf(await app.sent())).toMatchObject([[{}, { status: 'Accepted', unanswered: 0 }, {}]]);
});

it('halves what is refused as a whole until the fault stands alone', async () => {
  const report = marketplace.reportUsage.bind(marketplace);
  const refusing = jest.spyOn(marketplace, 'reportUsage').mockImplementation(async (batch, context) => {
    if (!batch.some(({ dimension }) => dimension === 'd3')) return report(batch, context);
    await context.announce?.(randomUUID(), AbortSignal.any([]));
    throw rejected('the dimension is unknown');
  });
  await handOver(5);
  for (let run = 0; run < 7; run += 1) await app.perform();
  refusing.mockRestore();
  const [results] = resultsOf(await app.sent());
  expect(results).toMatchObject([
    { status: 'Accepted' },
    {},
    {},
    { status: 'BadArgument', reason: 'the dimension is unknown', unanswered: 0 },
    {},
  ]);
  expect(marketplace.usage.accepted.size).toBe(4);
});

it('sends nothing once the deadline has come, not even where it comes while an attempt is about to leave', async () => {
  const batchId = await handOver();
  const report = marketplace.reportUsage.bind(marketplace);
  const slow = jest.spyOn(marketplace, 'reportUsage').mockImplementation((batch, context) => {
    app.clock.advance(20 * hourMs);
    return report(batch, context);
  });
  await app.perform();
  slow.mockRestore();
  expect(marketplace.usage.batches).toEqual([]);
  expect(resultsOf(await app.sent())).toMatchObject([[{ status: 'unsent', unanswered: 0 }, { status: 'unsent' }]]);
  expect(await batchRow(batchId)).toMatchObject({ in_flight: null, request_id: null });
});
