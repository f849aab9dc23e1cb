import { columns, run, write, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { HOUR_MS, isoOf, type Instant } from '../ledger/hours';
import { microsOf } from '../ledger/micros';
import { isOfOtherMode, modesOf, type ModeSet } from '../ledger/mode.domain';
import { partsOf, type Used } from '../ledger/rating.domain';
import { timelineOf } from '../ledger/timeline';
import type { SubscriptionRow } from '../subscription/subscription';
import { subscriptionColumns } from '../subscription/subscription.repository';
import {
  accountOf,
  accountRow,
  billedHourOf,
  bucketOf,
  hourRow,
  ratedText,
  writeOffRow,
  type AccountRow,
  type BucketRow,
  type HourRow,
} from './ledger.rows';
import type { DirtyBucket, LoadedLedger, LookedAt } from './round.domain';

const millis = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8`;

const accountColumns = `subscription_id as "subscriptionId", plan_id as "planId", meter, term::text, term_unit as "termUnit", end_date::text as "endDate", counted_by as "countedBy",
  net::text, opening::text, shadowed::text, phases, placed, placed_in_shadow as "placedInShadow"`;
export const hourColumns = `h.subscription_id as "subscriptionId", h.dimension, ${millis('h.hour')} as hour, h.plan_id as "planId", h.meter, h.quantity::text, h.shares,
  h.state, ${millis('h.effective_start')} as "effectiveStart", ${millis('h.deadline')} as deadline, ${millis('h.not_before')} as "notBefore", h.reason, h.origins, h.confirmed::text`;

/** Each with the hour since when it is loaded: an older one where late usage waits to be looked at, or an operator. */
const wanted = `with wanted as materialized (
  select id, greatest($2::timestamptz - interval '30 days', least($2::timestamptz, late_from,
                (select min(hour) from billing.buckets where subscription_id = id and is_dirty))) as since
    from billing.subscriptions where id = any($1::uuid[]))`;

/** Which ledgers are wanted, and from which hour on. */
interface Wanted {
  readonly ids: readonly string[];
  readonly from: Instant;
  /** As they were set, by their beginnings. Absent: nothing is counted. */
  readonly modes?: readonly ModeSet[];
}

@Injectable()
export class LedgerRepository {
  constructor(private readonly database: DataSource) {}

  /** Whether a look is due at that instant, at another ledger than `passedOver`. */
  async isAnyDue(now: Instant, passedOver: readonly string[]): Promise<boolean> {
    const [row] = await this.database.query<[{ isDue: boolean }]>(
      `select exists (select from billing.subscriptions where look_at <= $1::timestamptz and id <> all($2::uuid[])) as "isDue"`,
      [isoOf(now), passedOver],
    );
    return row.isDue;
  }

  /** Those whose look was due at that instant, the longest waiting first; locked, and without those that another copy or a message is working on. */
  async lockDue(tx: Transaction, at: Instant, passedOver: readonly string[], limit: number): Promise<string[]> {
    const rows = await run<{ id: string }>(
      tx,
      `select id from billing.subscriptions where look_at <= $1::timestamptz and id <> all($2::uuid[])
        order by look_at, id limit $3 for update skip locked`,
      [isoOf(at), passedOver, limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Those behind `after`, in id order, of which something was recorded that is not counted. */
  async dirtyBehind(tx: Transaction, after: string, passedOver: readonly string[], limit: number): Promise<string[]> {
    const rows = await run<{ id: string }>(
      tx,
      `select distinct subscription_id as id from billing.buckets
        where is_dirty and subscription_id > $1::uuid and subscription_id <> all($2::uuid[]) order by 1 limit $3`,
      [after, passedOver, limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Those of them that nobody else is working on. */
  async lock(tx: Transaction, ids: readonly string[]): Promise<string[]> {
    const rows = await run<{ id: string }>(
      tx,
      `select id from billing.subscriptions where id = any($1::uuid[]) order by id for update skip locked`,
      [ids],
    );
    return rows.map(({ id }) => id);
  }

  /** A look at a ledger is due from that instant on, unless one was due before: what is not looked at shows by its age. */
  lookSince(tx: Transaction, id: string, at: Instant): void {
    write(
      tx,
      `update billing.subscriptions set look_at = $2::timestamptz
        where id = $1 and (look_at is null or look_at > $2::timestamptz or look_at < '1971-01-01')`,
      [id, isoOf(at)],
    );
  }

  /** The ledgers of locked subscriptions. */
  async load(tx: Transaction, { ids, from, modes = [] }: Wanted): Promise<LoadedLedger[]> {
    const parameters = [ids, isoOf(from)];
    const [subscriptions, buckets, accounts, hours] = await Promise.all([
      run<SubscriptionRow>(tx, `select ${subscriptionColumns} from billing.subscriptions where id = any($1::uuid[]) order by id`, [ids]),
      run<BucketRow>(
        tx,
        `${wanted} select subscription_id as "subscriptionId", meter, ${millis('hour')} as hour, quantity::text, records, is_dirty as "isDirty", rated
           from wanted join billing.buckets on subscription_id = id where hour >= since or is_dirty`,
        parameters,
      ),
      run<AccountRow>(tx, `select ${accountColumns} from billing.accounts where subscription_id = any($1::uuid[])`, [ids]),
      run<HourRow>(
        tx,
        `${wanted} select ${hourColumns} from wanted join billing.hours h on h.subscription_id = id
          where hour >= since or state in ('held', 'waiting', 'uncertain', 'returned')`,
        parameters,
      ),
    ]);
    const [bucketsOf, accountsOf, hoursOf] = [bySubscription(buckets), bySubscription(accounts), bySubscription(hours)];
    return subscriptions.map((subscription) => {
      const rows = bucketsOf.get(subscription.id) ?? [];
      const ownBuckets = rows.map(bucketOf);
      const own = modesOf(modes, subscription.publisherId);
      return {
        subscription,
        timeline: timelineOf(subscription.facts),
        buckets: ownBuckets,
        dirty: rows.filter(({ isDirty }, place) => isDirty || (own.length > 0 && isOfOtherMode(own, ownBuckets[place]!))),
        accounts: (accountsOf.get(subscription.id) ?? []).map(accountOf),
        hours: (hoursOf.get(subscription.id) ?? []).map(billedHourOf),
      };
    });
  }

  /** What was used in the dirty buckets: the sum of each, and of each part of an hour that has several. */
  async usedIn(tx: Transaction, ledgers: readonly LoadedLedger[]): Promise<Map<DirtyBucket, readonly Used[]>> {
    const used = new Map<DirtyBucket, Used[]>();
    const cut: { bucket: DirtyBucket; subscriptionId: string; meter: string; from: Instant; to: Instant }[] = [];
    for (const { timeline, dirty } of ledgers)
      for (const bucket of dirty) {
        const parts = partsOf(timeline, bucket.hour);
        used.set(bucket, parts.length === 1 ? [{ at: bucket.hour, quantity: microsOf(bucket.quantity) }] : []);
        if (parts.length === 1) continue;
        const { subscriptionId, meter, hour } = bucket;
        for (const [place, from] of parts.entries())
          cut.push({ bucket, subscriptionId, meter, from, to: parts[place + 1] ?? hour + HOUR_MS });
      }
    const sums = await this.sumParts(tx, cut);
    for (const [place, { bucket, from }] of cut.entries()) used.get(bucket)!.push({ at: from, quantity: microsOf(sums[place]!) });
    return used;
  }

  private async sumParts(
    tx: Transaction,
    parts: readonly { subscriptionId: string; meter: string; from: Instant; to: Instant }[],
  ): Promise<string[]> {
    if (parts.length === 0) return [];
    const rows = parts.map(({ from, to, ...same }) => ({ ...same, from: isoOf(from), to: isoOf(to) }));
    const sums = await run<{ quantity: string }>(
      tx,
      `select coalesce((select sum(u.quantity) from billing.usage u
                         where u.subscription_id = part.id and u.meter = part.meter and u.used_at >= part.starts and u.used_at < part.ends), 0)::text as quantity
         from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[]) with ordinality as part (id, meter, starts, ends, place) order by place`,
      columns(rows, 'subscriptionId', 'meter', 'from', 'to'),
    );
    return sums.map(({ quantity }) => quantity);
  }

  /** Writes what a round changed. A bucket that grew meanwhile stays dirty. */
  save(tx: Transaction, looked: readonly LookedAt[], now: Instant): void {
    this.saveSubscriptions(tx, looked);
    this.saveBuckets(tx, looked);
    this.saveAccounts(tx, looked);
    this.saveHours(
      tx,
      looked.flatMap(({ id, hours }) => hours.map((hour) => ({ ...hourRow(id, hour.hour), batchId: hour.batchId }))),
    );
    const writeOffs = looked.flatMap(({ id, writeOffs: some }) => some.map((one) => writeOffRow(id, one)));
    if (writeOffs.length === 0) return;
    write(
      tx,
      `insert into billing.write_offs (subscription_id, plan_id, meter, dimension, quantity, shares, reason, written_off_at)
       select *, $8::timestamptz from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::numeric[], $6::jsonb[], $7::text[])`,
      [...columns(writeOffs, 'subscriptionId', 'planId', 'meter', 'dimension', 'quantity', 'shares', 'reason'), isoOf(now)],
    );
  }

  private saveSubscriptions(tx: Transaction, looked: readonly LookedAt[]): void {
    const rows = looked.map(({ id, rates, peaks, counts, lookAt, lateFrom }) => ({
      ...{ id, counts, rates: JSON.stringify(rates), peaks: JSON.stringify(peaks) },
      lookAt: lookAt === null ? null : isoOf(lookAt),
      lateFrom: lateFrom === null ? null : isoOf(lateFrom),
    }));
    write(
      tx,
      `update billing.subscriptions s set rates = v.rates, peaks = v.peaks, look_at = v.look_at, counts = v.counts, late_from = v.late_from, is_unchecked = true
         from unnest($1::uuid[], $2::jsonb[], $3::jsonb[], $4::timestamptz[], $5::int[], $6::timestamptz[])
              as v (id, rates, peaks, look_at, counts, late_from) where s.id = v.id`,
      columns(rows, 'id', 'rates', 'peaks', 'lookAt', 'counts', 'lateFrom'),
    );
  }

  /** Locked by their keys, as intake locks them: two that share buckets wait for each other instead of deadlocking. */
  private saveBuckets(tx: Transaction, looked: readonly LookedAt[]): void {
    const rows = looked.flatMap(({ rated }) =>
      rated.map(({ bucket, parts }) => ({ ...bucket, hour: isoOf(bucket.hour), rated: ratedText(parts) })),
    );
    if (rows.length === 0) return;
    write(
      tx,
      `with locked as (
         select b.subscription_id, b.meter, b.hour, v.quantity, v.records, v.rated
           from billing.buckets b
           join unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::numeric[], $5::int[], $6::jsonb[])
                as v (subscription_id, meter, hour, quantity, records, rated) using (subscription_id, meter, hour)
          order by b.subscription_id, b.meter, b.hour for update of b
       )
       update billing.buckets b set rated = v.rated, is_dirty = (b.quantity, b.records) is distinct from (v.quantity, v.records)
         from locked v where b.subscription_id = v.subscription_id and b.meter = v.meter and b.hour = v.hour`,
      columns(rows, 'subscriptionId', 'meter', 'hour', 'quantity', 'records', 'rated'),
    );
  }

  saveAccounts(tx: Transaction, looked: readonly Pick<LookedAt, 'id' | 'accounts'>[]): void {
    const rows = looked.flatMap(({ id, accounts }) => accounts.map((account) => accountRow(id, account)));
    if (rows.length === 0) return;
    write(
      tx,
      `insert into billing.accounts (subscription_id, plan_id, meter, term, term_unit, end_date, net, opening, shadowed, phases, placed, placed_in_shadow, counted_by)
       select * from unnest($1::uuid[], $2::text[], $3::text[], $4::date[], $5::text[], $6::date[], $7::numeric[], $8::numeric[], $9::numeric[], $10::jsonb[], $11::jsonb[],
                            $12::jsonb[], $13::jsonb[])
       on conflict (subscription_id, plan_id, meter, term) do update
          set (term_unit, end_date, net, opening, shadowed, phases, placed, placed_in_shadow, counted_by)
            = (excluded.term_unit, excluded.end_date, excluded.net, excluded.opening, excluded.shadowed, excluded.phases, excluded.placed, excluded.placed_in_shadow, excluded.counted_by)`,
      columns(
        rows,
        ...(['subscriptionId', 'planId', 'meter', 'term', 'termUnit', 'endDate'] as const),
        ...(['net', 'opening', 'shadowed', 'phases', 'placed', 'placedInShadow', 'countedBy'] as const),
      ),
    );
  }

  private saveHours(tx: Transaction, rows: readonly (ReturnType<typeof hourRow> & { batchId: string | null })[]): void {
    if (rows.length === 0) return;
    write(
      tx,
      `insert into billing.hours (subscription_id, dimension, hour, plan_id, meter, quantity, shares, state, effective_start, deadline, not_before, reason, batch_id, origins,
                                  confirmed)
       select * from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::numeric[], $7::jsonb[], $8::text[], $9::timestamptz[],
                            $10::timestamptz[], $11::timestamptz[], $12::text[], $13::uuid[], $14::jsonb[], $15::numeric[])
       on conflict (subscription_id, dimension, hour) do update
          set (plan_id, meter, quantity, shares, state, effective_start, deadline, not_before, reason, batch_id, origins, confirmed, handed_over_at, changed_at)
            = (excluded.plan_id, excluded.meter, excluded.quantity, excluded.shares, excluded.state, excluded.effective_start, excluded.deadline,
               excluded.not_before, excluded.reason, excluded.batch_id, excluded.origins, excluded.confirmed, now(), now())`,
      columns(
        rows,
        ...(['subscriptionId', 'dimension', 'hour', 'planId', 'meter', 'quantity', 'shares', 'state'] as const),
        ...(['effectiveStart', 'deadline', 'notBefore', 'reason', 'batchId', 'origins', 'confirmed'] as const),
      ),
    );
  }

  async accountsOf(tx: Transaction, ids: readonly string[]): Promise<Map<string, ReturnType<typeof accountOf>[]>> {
    const rows = await run<AccountRow>(tx, `select ${accountColumns} from billing.accounts where subscription_id = any($1::uuid[])`, [ids]);
    return new Map([...bySubscription(rows)].map(([id, some]) => [id, some.map(accountOf)]));
  }
}

function bySubscription<Row extends { readonly subscriptionId: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) found.set(row.subscriptionId, [...(found.get(row.subscriptionId) ?? []), row]);
  return found;
}
