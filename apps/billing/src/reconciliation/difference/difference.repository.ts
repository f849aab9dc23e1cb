import { run, write, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { MISSING_AFTER_MS, type DifferenceKind } from './difference';
import type { IdRange, WholeRead } from '../usage.read';
import { hoursOf } from '../usage.read.repository';

/** The rows of a list: those of another publisher with the same registration are not ours to compare; a dry run is no usage. */
export const listedRows = `
  select r.* from billing.usage_read_rows r left join billing.subscriptions s on s.id = r.subscription_id
   where r.read_id = $1 and r.subscription_id > $2 and ($3::uuid is null or r.subscription_id <= $3)
     and r.status <> 'DryRun' and (s.publisher_id is null or s.publisher_id in ('', $4))`;

/**
 * What the hours say, and what may have reached Microsoft. Of shadowed hours another system reports the usage, so that nothing is unexpected on such a day.
 */
const comparison = `
  with theirs as (
    select subscription_id, dimension, plan_id, sum(submitted) as submitted, sum(processed) as processed,
           coalesce(sum(submitted) filter (where status = 'Rejected'), 0) as rejected,
           coalesce(sum(abs(submitted - processed)) filter (where status = 'Mismatch'), 0) as mismatch
      from (${listedRows}) as listed group by subscription_id, dimension, plan_id
  ), ours as (
    select h.subscription_id, h.dimension, h.plan_id,
           coalesce(sum(h.quantity) filter (where h.state = 'accepted'), 0) as accepted,
           coalesce(sum(h.quantity) filter (where h.state in ('uncertain', 'waiting') or (h.state = 'written-off' and h.reason = 'uncertain')), 0) as unknown,
           bool_or(h.state = 'shadowed') as is_shadowed
      from billing.hours h join billing.subscriptions s on s.id = h.subscription_id
     where h.hour = any($5::timestamptz[]) and h.subscription_id > $2 and ($3::uuid is null or h.subscription_id <= $3) and s.publisher_id = $4
     group by h.subscription_id, h.dimension, h.plan_id
  ), both_sides as (
    select subscription_id, dimension, plan_id, coalesce(accepted, 0) as accepted, coalesce(unknown, 0) as unknown,
           coalesce(submitted, 0) as submitted, coalesce(processed, 0) as processed, coalesce(rejected, 0) as rejected, coalesce(mismatch, 0) as mismatch
      from theirs full join ours using (subscription_id, dimension, plan_id) where is_shadowed is not true
  ), found as (
    select both_sides.*, kind, quantity from both_sides
     cross join lateral (values
       ('mismatch', mismatch),
       ('rejected', rejected),
       ('missing', case when $7 then accepted - submitted end),
       ('unexpected', case when not $8 then submitted - accepted - unknown end)) as differing (kind, quantity)
     where quantity > 0
  )`;

const isInRange = `d.day = $6::date and d.publisher_id = $4 and d.subscription_id > $2 and ($3::uuid is null or d.subscription_id <= $3) and d.ended_at is null`;

/** Where Microsoft's list differs from our sums. */
@Injectable()
export class DifferenceRepository {
  /**
   * Compares a range of subscriptions: what differs is kept, or found again, and what agrees now has ended.
   * @param isShadowed in some hour of the day billing only watched, and another system reported
   */
  compare(tx: Transaction, { readId, publisherId, day, listedAt }: WholeRead, { after, upTo }: IdRange, isShadowed: boolean): void {
    const isLate = Date.parse(day) + MISSING_AFTER_MS <= listedAt;
    write(
      tx,
      `${comparison}, ended as (
         update billing.usage_differences d set ended_at = now(), state = 'over'
          where ${isInRange} and not exists (select from found f where (f.subscription_id, f.dimension, f.plan_id, f.kind)
                                                                      = (d.subscription_id, d.dimension, d.plan_id, d.kind))
       )
       insert into billing.usage_differences as d (publisher_id, subscription_id, dimension, plan_id, day, kind, quantity, ours, unknown, submitted, processed)
       select $4, subscription_id, dimension, plan_id, $6::date, kind, quantity, accepted, unknown, submitted, processed from found
       on conflict (day, subscription_id, dimension, plan_id, kind) where ended_at is null do update
          set quantity = excluded.quantity, ours = excluded.ours, unknown = excluded.unknown, submitted = excluded.submitted,
              processed = excluded.processed, last_found_at = now(),
              state = case when d.quantity = excluded.quantity then d.state else 'open' end`,
      [readId, after, upTo, publisherId, hoursOf(day), day, isLate, isShadowed],
    );
  }

  /** One that is there still. */
  async lock(tx: Transaction, number: string): Promise<Map<string, LockedDifference>> {
    const rows = await run<LockedDifference>(
      tx,
      `select number::text, kind, state, quantity::text from billing.usage_differences where number = $1::bigint for update`,
      [number],
    );
    return new Map(rows.map((row) => [row.number, row]));
  }

  dismiss(tx: Transaction, number: string): void {
    write(tx, `update billing.usage_differences set state = 'dismissed' where number = $1::bigint`, [number]);
  }
}

export interface LockedDifference {
  readonly number: string;
  readonly kind: DifferenceKind;
  readonly state: 'open' | 'dismissed' | 'over';
  readonly quantity: string;
}
