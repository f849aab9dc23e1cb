import { randomUUID } from 'node:crypto';
import type { CallRecord } from '@landfall/marketplace-client';
import { register } from 'prom-client';
import { DataSource } from 'typeorm';
import { fulfillmentApp } from '../testing/fulfillment.app';
import type { CallToMake } from './call';
import { CallLedger } from './call.ledger';
import { INTERVAL_MS, LedgerCleaner } from './ledger.cleaner';

const { app } = fulfillmentApp();

const aCall = (differing: Partial<CallToMake> = {}): CallToMake => ({
  ...{ requestId: randomUUID(), registration: 'contoso', correlationId: randomUUID(), jobId: randomUUID(), method: 'POST' },
  ...{ route: '/saas/subscriptions/{subscriptionId}/activate', purpose: 'activation', subscriptionId: randomUUID() },
  ...differing,
});

const ended = ({ jobId: _jobId, ...call }: CallToMake): CallRecord & { registration: string } => ({
  ...call,
  status: 200,
  durationMs: 12.4,
  microsoftRequestId: 'theirs',
});

/** The ledger writes what has ended when it gets to it. */
async function written(requestId: string, status: number | null) {
  for (let look = 0; look < 100; look += 1) {
    const [row] = await app.query(
      'select registration, status, duration_ms, microsoft_request_id, job_id from fulfillment.calls where request_id = $1',
      [requestId],
    );
    if (row && row['status'] === status) return row;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the call was not written');
}

it('keeps an announced call and its answer in one row', async () => {
  const ledger = app.get(CallLedger);
  const call = aCall();
  await ledger.announce(call);
  expect(await ledger.attemptsOf(call.jobId)).toEqual([{ agoMs: expect.any(Number), status: null }]);
  ledger.record(ended(call));
  expect(await written(call.requestId, 200)).toEqual({
    ...{ registration: 'contoso', status: 200, duration_ms: 12, microsoft_request_id: 'theirs', job_id: call.jobId },
  });
  expect(await ledger.attemptsOf(call.jobId)).toMatchObject([{ status: 200 }]);
});

it('keeps a call that nobody announced', async () => {
  const call = aCall();
  app.get(CallLedger).record({ ...ended(call), status: null, error: 'MARKETPLACE_UNAVAILABLE/timeout' });
  expect(await written(call.requestId, null)).toMatchObject({ job_id: null });
});

it('counts the answers that Microsoft did not date, and no failures', async () => {
  const ledger = app.get(CallLedger);
  const undated = async () => (await register.getSingleMetric('marketplace_undated_answers_total')!.get()).values[0]!.value;
  const before = await undated();
  ledger.record({ ...ended(aCall()), date: '2026-03-01T12:00:07.000Z' });
  ledger.record({ ...ended(aCall()), status: 503, error: 'MARKETPLACE_UNAVAILABLE/server-error' });
  expect(await undated()).toBe(before);
  ledger.record(ended(aCall()));
  expect(await undated()).toBe(before + 1);
});

it('forgets an announced call that was not made', async () => {
  const ledger = app.get(CallLedger);
  const call = aCall();
  await ledger.announce(call);
  await ledger.withdraw(call.requestId);
  expect(await ledger.attemptsOf(call.jobId)).toEqual([]);
});

it('lets no work wait for it: what it can’t take is dropped and counted', async () => {
  const ledger = app.get(CallLedger);
  const call = ended(aCall());
  for (let record = 0; record < 5_001; record += 1) ledger.record({ ...call, requestId: randomUUID() });
  await new Promise((resolve) => setImmediate(resolve));
  const dropped = await register.getSingleMetric('marketplace_call_ledger_dropped_total')!.get();
  expect(dropped.values).toContainEqual({ labels: { reason: 'overloaded' }, value: 1 });
});

it('takes calls out when their time is over, and no others', async () => {
  const ledger = app.get(CallLedger);
  const [old, young] = [aCall(), aCall()];
  await ledger.announce(old);
  await ledger.announce(young);
  await app.query(`update fulfillment.calls set started_at = now() - interval '30 days 1 minute' where request_id = $1`, [old.requestId]);
  expect(await app.get(LedgerCleaner).clean()).toBe(1);
  expect(await ledger.attemptsOf(old.jobId)).toEqual([]);
  expect(await ledger.attemptsOf(young.jobId)).toHaveLength(1);
});

it('is not cleaned any more after a stop, which waits for the statement that is under way', async () => {
  const ledger = app.get(CallLedger);
  const old = aCall();
  await ledger.announce(old);
  await app.query(`update fulfillment.calls set started_at = now() - interval '30 days 1 minute' where request_id = $1`, [old.requestId]);
  const holder = app.get(DataSource).createQueryRunner();
  await holder.startTransaction();
  await holder.query('select from fulfillment.calls where request_id = $1 for update', [old.requestId]);

  const cleaner = new LedgerCleaner(app.get(DataSource), 30 * 24 * 3_600_000);
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] }); // the database goes on
  cleaner.onApplicationBootstrap();
  jest.advanceTimersByTime(INTERVAL_MS);
  jest.useRealTimers();
  const deletions = () =>
    app.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'delete from fulfillment.calls%'`,
    );
  for (const end = Date.now() + 10_000; (await deletions()).length === 0;)
    if (Date.now() > end) throw new Error('no deletion waits for the lock');
  let isStopped = false;
  const stopped = cleaner.beforeApplicationShutdown().then(() => (isStopped = true));
  await app.query('select pg_sleep(0.1)');
  expect(isStopped).toBe(false);
  await holder.rollbackTransaction();
  await holder.release();
  await stopped;
  expect(await ledger.attemptsOf(old.jobId)).toEqual([]);
});
