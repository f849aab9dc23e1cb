import { columns, instantColumn, run, write, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DAY_MS, HOUR_MS, isoOf } from '../ledger/hours';
import type { IdRange, UsageRead, WholeRead } from './usage.read';

/** Days of a run. Microsoft's list of a month may still change (contract 6.5). */
const DAYS = 31;
/** Hours and rows of a list that are compared in one transaction, which has seconds: a subscription has 720 hours and 30 rows of a day at most (contract 1.4). */
const PAGE_ROWS = 1_000;
/** What was not answered for so many days is forgotten, and so is what was compared before. */
const KEPT_DAYS = 7;

export const hoursOf = (day: string): readonly string[] =>
  Array.from({ length: DAY_MS / HOUR_MS }, (_, place) => isoOf(Date.parse(day) + place * HOUR_MS));

/** What is asked of Microsoft's list, and what came of it. */
@Injectable()
export class UsageReadRepository {
  /** Begins the run of a day, unless a copy has: a read for each of the days before it, of each publisher with a metered plan. */
  async begin(tx: Transaction, day: string): Promise<Pick<WholeRead, 'readId' | 'publisherId' | 'day'>[]> {
    const begun = await run(tx, `insert into billing.usage_comparisons (run) values ($1::date) on conflict do nothing returning run`, [
      day,
    ]);
    if (begun.length === 0) return [];
    write(tx, `delete from billing.usage_comparisons where run < $1::date - $2::int`, [day, KEPT_DAYS]);
    return run(
      tx,
      `insert into billing.usage_reads (read_id, publisher_id, run, day)
       select gen_random_uuid(), publisher_id, $1::date, $1::date - ago
         from (select distinct publisher_id from billing.subscriptions where rates <> '{}') as publishers, generate_series(1, $2::int) as ago
       returning read_id as "readId", publisher_id as "publisherId", day::text`,
      [day, DAYS],
    );
  }

  /** In id order. */
  async lock(tx: Transaction, ids: readonly string[]): Promise<Map<string, UsageRead>> {
    if (ids.length === 0) return new Map();
    const rows = await run<Omit<UsageRead, 'taken'>>(
      tx,
      `select read_id as "readId", ${instantColumn('listed_at')} as "listedAt", parts, is_whole as "isWhole"
         from billing.usage_reads where read_id = any($1::uuid[]) order by read_id for update`,
      [ids],
    );
    return new Map(rows.map((row) => [row.readId, { ...row, taken: [] }]));
  }

  save(tx: Transaction, reads: readonly UsageRead[]): void {
    if (reads.length === 0) return;
    write(
      tx,
      `update billing.usage_reads r set listed_at = v.listed_at, parts = v.parts, is_whole = v.is_whole
         from unnest($1::uuid[], $2::timestamptz[], $3::int[], $4::boolean[]) as v (read_id, listed_at, parts, is_whole) where r.read_id = v.read_id`,
      columns(reads, 'readId', 'listedAt', 'parts', 'isWhole'),
    );
    const rows = reads.flatMap(({ readId, taken }) =>
      taken.flatMap(({ part, rows: some }) => some.map((row, place) => ({ readId, part, place, ...row }))),
    );
    if (rows.length === 0) return;
    write(
      tx,
      `insert into billing.usage_read_rows (read_id, part, place, subscription_id, dimension, plan_id, status, submitted, processed, events)
       select * from unnest($1::uuid[], $2::int[], $3::int[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::numeric[], $9::numeric[], $10::int[])`,
      columns(
        rows,
        ...(['readId', 'part', 'place', 'subscriptionId', 'dimension', 'planId'] as const),
        ...(['reconStatus', 'submittedQuantity', 'processedQuantity', 'submittedCount'] as const),
      ),
    );
  }

  /** The oldest whole read that waits to be compared, and that no other copy is at; locked. */
  async lockNext(tx: Transaction): Promise<WholeRead | null> {
    const [row] = await run<WholeRead>(
      tx,
      `select read_id as "readId", publisher_id as "publisherId", day::text, (extract(epoch from listed_at) * 1000)::float8 as "listedAt",
              compared_to as "comparedTo",
              exists (select from billing.usage_reads n where n.publisher_id = r.publisher_id and n.day = r.day and n.compared_at is not null
                                                       and n.listed_at > r.listed_at) as "isOvertaken"
         from billing.usage_reads r where is_whole and compared_at is null order by ordered_at, day limit 1 for update skip locked`,
      [],
    );
    return row ?? null;
  }

  /**
   * The next so many subscriptions that have hours on the day, or rows in the list, or differ so far: fewer where these have many, since all of them are compared in one transaction. One is
   * always among them.
   */
  async rangeOf(tx: Transaction, { readId, day, comparedTo }: WholeRead, limit: number, rowLimit = PAGE_ROWS): Promise<IdRange> {
    const found = await run<{ id: string; before: number }>(
      tx,
      `with ids as (
         select id from (
           select subscription_id as id from unnest($3::timestamptz[]) as of (hour)
            cross join lateral (select subscription_id from billing.hours h where h.hour = of.hour and h.subscription_id > $2
                                 order by subscription_id limit $4) as those
            union
           (select distinct subscription_id from billing.usage_read_rows where read_id = $1 and subscription_id > $2 order by subscription_id limit $4)
            union
           (select distinct subscription_id from billing.usage_differences where day = $5::date and ended_at is null and subscription_id > $2
             order by subscription_id limit $4)) as found
          order by id limit $4
       ), counted as (
         select id, count(*) as rows from (
           select subscription_id as id from billing.hours
            where hour = any($3::timestamptz[]) and subscription_id > $2 and subscription_id <= (select id from ids order by id desc limit 1)
            union all
           select subscription_id from billing.usage_read_rows
            where read_id = $1 and subscription_id > $2 and subscription_id <= (select id from ids order by id desc limit 1)) as all_rows group by id
       )
       select id, (sum(coalesce(rows, 0)) over (order by id))::int - coalesce(rows, 0)::int as before from ids left join counted using (id) order by id`,
      [readId, comparedTo, hoursOf(day), limit, day],
    );
    const page = found.filter(({ before }, place) => place === 0 || before < rowLimit);
    const isLast = page.length === found.length && found.length < limit;
    return { after: comparedTo, upTo: isLast ? null : page.at(-1)!.id };
  }

  /** Up to there it is compared; at the end its rows are needed no more. */
  advance(tx: Transaction, { readId }: WholeRead, upTo: string | null): void {
    if (upTo !== null) {
      write(tx, `update billing.usage_reads set compared_to = $2 where read_id = $1`, [readId, upTo]);
      return;
    }
    write(tx, `update billing.usage_reads set compared_at = now() where read_id = $1`, [readId]);
    write(tx, `delete from billing.usage_read_rows where read_id = $1`, [readId]);
  }
}
