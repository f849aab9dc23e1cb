import { setTimeout as wait } from 'node:timers/promises';
import type { UsageSystem } from './usage.system';
import { digestOf, type SentRecord } from './usage.records';

/** Billing takes usage, counts it and hands it over well within that, or it is stuck. */
const limitMs = 600_000;

/** Between two looks: they read tables of many rows, and must not become a part of what is measured. */
const lookEveryMs = 500;

/** @throws Error after `limitMs` */
export async function untilSo(what: string, check: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + limitMs; !(await check()); await wait(lookEveryMs))
    if (Date.now() > end) throw new Error(`It was not so within ${limitMs / 1_000} s: ${what}`);
}

/** Resolves when so many records are in the sums of their hours. */
export async function untilTaken({ counters }: UsageSystem, records: number): Promise<void> {
  const statement = 'select coalesce(sum(records), 0)::int as count from billing.buckets';
  await untilSo('all records are taken', async () => (await counters.query<{ count: number }>(statement))[0]!.count >= records);
}

/** Resolves when all that was taken is counted. */
export async function untilCounted({ counters }: UsageSystem): Promise<void> {
  const statement = 'select from billing.buckets where is_dirty limit 1';
  await untilSo('all records are counted', async () => (await counters.query(statement)).length === 0);
}

interface Stamps {
  readonly records: number;
  readonly last: number;
  readonly seconds: number;
}

/**
 * Records that were committed in a second, by the beginnings of their transactions as Postgres stamped them: those of all but the last one, between the first and the last
 * beginning. What comes before the first, such as that the group's fetch was under way, does not count.
 */
export async function takenPerSecond({ counters }: UsageSystem, source: string): Promise<number> {
  const [stamps] = await counters.query<Stamps>(
    `with batches as (select received_at, count(*)::int as records from billing.usage where source = $1 group by 1)
     select sum(records)::int as records, extract(epoch from max(received_at) - min(received_at))::float8 as seconds,
            (select records from batches order by received_at desc limit 1) as last from batches`,
    [source],
  );
  return (stamps!.records - stamps!.last) / stamps!.seconds;
}

/** From a record's time, which is when it was sent, to the transaction that stored it, in milliseconds. */
export async function delaysOf({ counters }: UsageSystem, source: string): Promise<{ p50: number; p99: number; max: number }> {
  const [row] = await counters.query<{ p50: number; p99: number; max: number }>(
    `select percentile_cont(0.5) within group (order by ms) as p50, percentile_cont(0.99) within group (order by ms) as p99, max(ms) as max
       from (select extract(epoch from received_at - used_at)::float8 * 1000 as ms from billing.usage where source = $1) as delays`,
    [source],
  );
  return row!;
}

/** When the last record of a source was stored, in milliseconds since 1970. */
export async function storedAt({ counters }: UsageSystem, source: string): Promise<number> {
  const statement = 'select extract(epoch from max(received_at))::float8 * 1000 as at from billing.usage where source = $1';
  return (await counters.query<{ at: number }>(statement, [source]))[0]!.at;
}

/** What of the records of a source is not there once, or is there and was not sent. */
export async function faultsOf({ counters }: UsageSystem, source: string, records: readonly SentRecord[]): Promise<string[]> {
  const [row] = await counters.query<{ count: number; digest: string }>(
    `select count(*)::int as count, md5(string_agg(id, ',' order by id collate "C")) as digest from billing.usage where source = $1`,
    [source],
  );
  if (row!.count === records.length && row!.digest === digestOf(records)) return [];
  return [`${source}: ${records.length} records were sent and ${row!.count} stored, or their ids differ`];
}

/** The sums of the hours must be those of the records, and nothing may have been refused or held. */
export async function sumFaults({ counters }: UsageSystem): Promise<string[]> {
  const [row] = await counters.query<{ different: number; refused: number; held: number }>(
    `select (select count(*)::int from (select subscription_id, meter, date_trunc('hour', used_at, 'UTC') as hour, sum(quantity) as sum, count(*) as records
                                          from billing.usage group by 1, 2, 3) as told
               full join billing.buckets b using (subscription_id, meter, hour)
              where told.sum is distinct from b.quantity or told.records is distinct from b.records) as different,
            (select count(*)::int from billing.usage_refused) as refused, (select count(*)::int from billing.usage_held) as held`,
  );
  const { different, refused, held } = row!;
  return [
    ...(different > 0 ? [`${different} hours have another sum than their records`] : []),
    ...(refused + held > 0 ? [`${refused} records were refused and ${held} held`] : []),
  ];
}
