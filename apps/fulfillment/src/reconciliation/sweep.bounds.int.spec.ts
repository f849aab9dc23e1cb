import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { register } from 'prom-client';
import { away } from '../testing/fake.marketplace';
import { aMarketplaceSubscription } from '../testing/microsoft.samples';
import { sweepingApp } from '../testing/sweep.fixture';
import { ReconciliationCleaner } from './reconciliation.cleaner';
import { nothingCounted, nothingYet } from './reconciliation.job';
import { ReconciliationRepository } from './reconciliation.repository';
import { ReconciliationTimer } from './reconciliation.timer';
import { SweepEnding } from './sweep.ending';

const { app, marketplace, performLater, onRecord, change, sweep, newest, find, act, observed, told } = sweepingApp();

it('ends where a list goes in a circle of another registration’s subscriptions, each page of which looks new', async () => {
  const { id } = await onRecord();
  await app.query(`update fulfillment.subscription_registrations set registration = 'fabrikam' where subscription_id = $1`, [id]);
  const others = [marketplace.further.get(id)!];
  marketplace.listed = (link) => ({ subscriptions: others, nextLink: `https://page/${(Number(link?.split('/').at(-1) ?? 0) + 1) % 5}` });
  expect(await sweep()).toMatchObject({ state: 'incomplete', found: null });
  expect(marketplace.times('listPage')).toBeLessThanOrEqual(16);
});

it.each([
  ['reads', 'getSubscription', { unread: 1, unlisted: 0 }],
  ['lists of operations', 'listOperations', { unread: 0, unlisted: 1 }],
] as const)('ends although Microsoft answers %s of one subscription with errors for ever', async (_what, failing, tally) => {
  const { id } = await onRecord();
  change(id, { planId: 'gold' });
  marketplace.failing = (call) => {
    if (call === failing) throw away(500);
  };
  await sweep();
  for (let run = 0; run < 10; run += 1) await performLater();
  expect(await newest()).toMatchObject({ state: 'complete', tally });
});

it('takes an entry that it cannot read for listed, and reads it by Get', async () => {
  const [sold, other] = [await onRecord(), await onRecord()];
  change(sold.id, { planId: 'gold' });
  marketplace.listed = () => ({ subscriptions: [other], unreadable: [{ id: sold.id, field: 'quantity' }], nextLink: null });
  expect(await sweep()).toMatchObject({ tally: { read: 1, unnamed: 0 }, found: { known: 2, missing: 0 }, missing: [] });
  expect(await observed()).toEqual([told(sold.id)]);
});

it('calls nothing missing for good beside an entry that does not say which subscription it is, and no import needless', async () => {
  await app.query('update fulfillment.reconciliation_schedules set may_import = false');
  const [sold] = [await onRecord(), await onRecord()];
  marketplace.listed = () => ({ subscriptions: [sold], unreadable: [{ id: null, field: 'id' }], nextLink: null });
  for (let count = 0; count < 3; count += 1)
    expect(await sweep()).toMatchObject({ state: 'complete', tally: { unnamed: 1 }, found: { known: 2, missing: 0 }, missing: [] });
  expect(await app.query('select may_import as "mayImport" from fulfillment.reconciliation_schedules')).toEqual([{ mayImport: false }]);
  marketplace.listed = () => ({ subscriptions: [], unreadable: [{ id: null, field: 'id' }], nextLink: null });
  expect(await sweep()).toMatchObject({ found: { missing: 1 } }); // at least
});

it('is ended once where two copies of the service come to its end, and counts once what it did not show', async () => {
  const logged = jest.spyOn(Logger.prototype, 'log');
  await onRecord();
  marketplace.further.clear();
  const { id } = await sweep();
  const ended = {
    ...{ reconciliationId: id, registration: 'default', isWhole: false, mayImport: true, link: null, landmark: null, barren: 0 },
    toRead: [],
    toList: [],
    tally: nothingYet,
    counted: nothingCounted,
  };
  const later = { id: randomUUID(), correlationId: randomUUID() };
  for (const end of ['complete', 'incomplete'] as const) await app.get(SweepEnding).end({ ...ended, end }, later);
  expect(await find(id)).toMatchObject({ state: 'complete', missing: [{ missed: 1 }] });
  expect(logged.mock.calls.filter(([, words]) => words === 'a sweep has ended')).toHaveLength(1);
});

it('counts many that it does not show in pieces, each of them once although the process ends between a piece and its record', async () => {
  const logged = jest.spyOn(Logger.prototype, 'error');
  await onRecord();
  const ids = `select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid from generate_series(1, 2500) as numbers (n)`;
  await app.query(`insert into fulfillment.subscription_registrations select *, 'default' from (${ids}) as sold`);
  await app.query(
    `insert into fulfillment.observations (subscription_id, version, record, known_since)
     select sold.id, 1, o.record, o.known_since from fulfillment.observations o, (${ids}) as sold (id)`,
  );
  marketplace.further.clear();
  interface Told {
    readonly count: number;
    readonly subscriptionIds: readonly string[];
  }
  const reconciliations = app.get(ReconciliationRepository);
  const counted = reconciliations.countPiece.bind(reconciliations);
  for (let count = 0; count < 2; count += 1) await sweep();
  jest.spyOn(reconciliations, 'countPiece').mockImplementationOnce(async (...given) => {
    await counted(...given);
    throw new Error('the process ends here');
  });
  await sweep();
  await performLater();
  while ((await app.perform()) > 0);
  expect(await newest()).toMatchObject({ state: 'complete', found: { known: 2501, missing: 2501 }, asks: ['loss'] });
  expect(await app.query('select missed, count(*)::int from fulfillment.observations group by missed')).toEqual([
    { missed: 3, count: 2501 },
  ]);
  const told = logged.mock.calls.filter(([, words]) => (words as string).includes('three complete sweeps')).map(([what]) => what as Told);
  expect(told.map(({ count, subscriptionIds }) => [count, subscriptionIds.length])).toEqual([[2501, 20]]);
});

it('imports nothing that an operator has dismissed, asks no more about it, and asks about what is unknown later', async () => {
  await app.query('update fulfillment.reconciliation_schedules set may_import = false');
  const sell = () => {
    const sold = aMarketplaceSubscription({ id: randomUUID() });
    marketplace.further.set(sold.id, sold);
    return sold.id;
  };
  const dismissed = sell();
  const { id } = await sweep();
  await act(`/${id}/dismissal`);
  expect(await sweep()).toMatchObject({ asks: [], found: { unknown: 0 } });
  const wanted = sell();
  const asking = await sweep();
  expect(asking).toMatchObject({ asks: ['import'], findings: [{ subscriptionId: wanted }] });
  await act(`/${asking.id}/release`);
  await sweep();
  expect(await observed()).toEqual([told(wanted), told(wanted)]); // until the record has it
  expect((await observed()).flat()).not.toContain(dismissed);
});

it('comes to its end, as incomplete, where its job dies, and holds up no sweep that is due after it', async () => {
  await onRecord();
  await app.query('update fulfillment.reconciliation_schedules set due_at = now()');
  await app.get(ReconciliationTimer).look();
  await app.query('update fulfillment.job set failures = 39');
  jest.spyOn(app.get(ReconciliationRepository), 'step').mockRejectedValueOnce(new TypeError('nobody thought of this'));
  while ((await app.perform()) > 0);
  expect(await newest()).toMatchObject({ state: 'incomplete', reason: expect.stringContaining('nobody thought of this') as string });
  expect(await sweep()).toMatchObject({ state: 'complete' });
});

it('begins again beside a sweep whose job has died, and of which nothing was heard for a day', async () => {
  await app.query('update fulfillment.reconciliation_schedules set due_at = now()');
  await app.get(ReconciliationTimer).look();
  await app.query(`update fulfillment.job set state = 'dead', failures = 40`);
  await app.query(`update fulfillment.reconciliations set step_at = now() - interval '25 hours'`);
  expect(await sweep()).toMatchObject({ state: 'complete' });
});

it('says of a registration that the settings do not name any more neither that it waits nor that it asks', async () => {
  await sweep();
  await app.query(`insert into fulfillment.reconciliation_schedules values ('gone', now() - interval '9 days', true)`);
  const age = /^reconciliation_last_complete_seconds (\S+)/m.exec(await register.metrics())![1];
  await app.query(`delete from fulfillment.reconciliation_schedules where registration = 'gone'`);
  expect(Number(age)).toBeLessThan(86_400);
});

describe('sweeps that ended before their retention began', () => {
  const ended = async (registration: string, daysAgo: number, differing: { state?: string; asks?: string } = {}) => {
    const { state = 'complete', asks = '{}' } = differing;
    const id = randomUUID();
    await app.query(
      `insert into fulfillment.reconciliations (id, registration, occasion, is_whole, state, started_at, ended_at, tally, found, asks)
       values ($1, $2, 'timer', false, $3, now() - $4 * interval '1 day', now() - $4 * interval '1 day', '{}', $5, $6)`,
      [id, registration, state, daysAgo, state === 'complete' ? '{}' : null, asks],
    );
    return id;
  };
  const kept = async () => (await app.query<{ id: string }>('select id from fulfillment.reconciliations')).map(({ id }) => id).sort();

  it('are deleted, but not the newest of a registration, nor one that waits for an answer, nor one whose findings wait', async () => {
    await ended('contoso', 200);
    await ended('contoso', 100, { state: 'incomplete' });
    const young = await ended('contoso', 89);
    const newestComplete = await ended('fabrikam', 120);
    const newest = await ended('fabrikam', 110, { state: 'incomplete' });
    const asking = await ended('contoso', 150, { asks: '{loss}' });
    const waiting = await ended('contoso', 140);
    await app.query(`insert into fulfillment.observations (subscription_id, finding, found_in) values ($1, 'ended', $2)`, [
      randomUUID(),
      waiting,
    ]);
    expect(await app.get(ReconciliationCleaner).clean()).toBe(2);
    expect(await kept()).toEqual([young, newestComplete, newest, asking, waiting].sort());
  });
});
