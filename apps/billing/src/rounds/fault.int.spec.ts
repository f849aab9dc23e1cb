import { until } from '@landfall/testing';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ledgerApp } from '../testing/ledger.app';

const { app, subscribed, round } = ledgerApp();

const counted = async () => (await app.sent()).filter(({ type }) => type === 'landfall.billing.usage-counted.v1');
const wrong = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);

/** On a session of its own. */
async function inTransaction(work: (query: (sql: string, values?: unknown[]) => Promise<unknown>) => Promise<void>): Promise<void> {
  const session = app.get(DataSource).createQueryRunner();
  try {
    await session.startTransaction();
    await work((sql, values) => session.query(sql, values));
    await session.commitTransaction();
  } finally {
    await session.release();
  }
}

beforeEach(() => wrong.mockClear());

it('counts and tells a sum of more than 18 digits, and what others used beside it', async () => {
  const [many, other] = [await subscribed(), await subscribed()];
  for (let record = 0; record < 2; record += 1) await many.used('600000000000000000'); // as 1,200 legal records
  await other.used('7');
  await round();
  expect(await counted()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ key: many.subscriptionId, data: expect.objectContaining({ usedInTerm: '1200000000000000000' }) }),
      expect.objectContaining({ key: other.subscriptionId, data: expect.objectContaining({ usedInTerm: '7' }) }),
    ]),
  );
});

it.each([
  [
    'its rows can not be read',
    (id: string) =>
      app.query(`update billing.buckets set rated = '[{"kind": "counted", "quantity": "many"}]' where subscription_id = $1`, [id]),
    (id: string) => app.query(`update billing.buckets set rated = '[]' where subscription_id = $1`, [id]),
  ],
  [
    'Postgres refuses what it comes to',
    () => app.query(`alter table billing.accounts add constraint spec check (net <> 13) not valid`),
    () => app.query(`alter table billing.accounts drop constraint spec`),
  ],
  [
    'it always takes longer than a transaction may',
    async () => {
      await app.query(
        `create function billing.slow() returns trigger language plpgsql as $$ begin perform pg_sleep(12); return new; end $$`,
      );
      await app.query(
        `create trigger slow before insert on billing.accounts for each row when (new.net = 13) execute function billing.slow()`,
      );
    },
    () => app.query(`drop function billing.slow cascade`),
  ],
])('passes over a ledger that is at fault, says so, and counts the others: %s', async (_what, breaks, mends) => {
  const [faulty, other] = [await subscribed(), await subscribed()];
  await faulty.used('13');
  await other.used('7');
  await breaks(faulty.subscriptionId);
  for (let rounds = 0; rounds < 2; rounds += 1) await round();
  expect(await counted()).toMatchObject([{ key: other.subscriptionId, data: { used: '7' } }]);
  expect(wrong.mock.calls).toEqual([
    [expect.objectContaining({ subscriptionId: faulty.subscriptionId }), expect.stringContaining('can not be counted')],
  ]);
  const [look] = await app.query<{ at: Date }>('select look_at as at from billing.subscriptions where id = $1', [faulty.subscriptionId]);
  expect(look!.at.getTime()).toBeGreaterThan(Date.parse('1971-01-01')); // its age shows, and alarms
  await mends(faulty.subscriptionId);
  await round();
  expect(await counted()).toEqual([]);
  app.clock.advance(5 * 60_000);
  await round();
  expect(await counted()).toMatchObject([{ key: faulty.subscriptionId, data: { used: '13' } }]);
});

it('goes on behind a hundred ledgers of which somebody works on one', async () => {
  const ids = Array.from({ length: 101 }, (_, place) => `00000000-0000-4000-8000-${String(place).padStart(12, '0')}`);
  await app.query(
    `insert into billing.subscriptions (id, publisher_id, offer_id, is_preview, version) select id, '', '', false, 0 from unnest($1::uuid[]) as told (id)`,
    [ids],
  );
  await app.query(
    `insert into billing.buckets (subscription_id, meter, hour, quantity, records, is_dirty)
     select id, 'emails', date_trunc('hour', now()), 1, 1, true from unnest($1::uuid[]) as told (id)`,
    [ids],
  );
  const dirty = () => app.query<{ id: string }>('select subscription_id as id from billing.buckets where is_dirty');
  await inTransaction(async (query) => {
    await query('select from billing.subscriptions where id = $1 for update', [ids[0]]);
    await round();
    expect(await dirty()).toEqual([{ id: ids[0] }]);
  });
  await round();
  expect(await dirty()).toEqual([]);
});

it('waits for a bucket that intake adds to with no later one locked: neither waits for the other then', async () => {
  const { used, subscriptionId } = await subscribed();
  for (const hoursAgo of [1, 2]) await used('7', hoursAgo); // the later one lies before the earlier one
  const locked = `select from billing.buckets where subscription_id = $1 and hour`;
  const ofBoth = (which: string) => `${locked} = (select ${which}(hour) from billing.buckets where subscription_id = $1) for update`;
  let counting: Promise<unknown> | undefined;
  await inTransaction(async (query) => {
    await query(ofBoth('min'), [subscriptionId]);
    counting = round().catch(() => undefined); // it may have waited too long on a busy machine: the next round counts then
    await until(async () => {
      const waiting = await app.query(`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`);
      return waiting.length === 1;
    });
    await query(`${ofBoth('max')} nowait`, [subscriptionId]);
    await query(`update billing.buckets set (quantity, records) = (8, 2) where subscription_id = $1`, [subscriptionId]);
  });
  await counting;
  await round();
  const [account] = await app.query('select net::text from billing.accounts where subscription_id = $1', [subscriptionId]);
  expect(account).toEqual({ net: '16' }); // what was added meanwhile is counted, too
});
