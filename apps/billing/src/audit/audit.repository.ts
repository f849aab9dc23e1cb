import { columns, run, write, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { isoOf, type Instant } from '../ledger/hours';
import { decimalOf, microsOf } from '../ledger/micros';
import { timelineOf } from '../ledger/timeline';
import { LedgerRepository } from '../rounds/ledger.repository';
import type { LoadedLedger } from '../rounds/round.domain';
import type { SubscriptionRow } from '../subscription/subscription';
import { subscriptionColumns } from '../subscription/subscription.repository';
import type { Difference, MeterTotal, PlacedTotal, RatedTotal, Totals } from './audit';

/** What the accounts of a subscription say, and what its rows do. */
export interface AuditedLedger {
  readonly ledger: Pick<LoadedLedger, 'subscription' | 'timeline' | 'accounts'>;
  readonly totals: Totals;
}

/** A row's quantities are decimal text. */
type Row<Total, Quantity extends string> = Omit<Total, Quantity> & { readonly [Name in Quantity]: string } & {
  readonly subscriptionId: string;
};
type MeterRow = Row<MeterTotal, 'recorded' | 'uncounted' | 'misrated' | 'unproved'>;

const EMPTY: Totals = { meters: [], rated: [], placed: [] };

/** Reads what is to be compared. It locks nothing: whoever calls it holds the lock of the subscriptions, or reads at one moment. */
@Injectable()
export class AuditRepository {
  constructor(private readonly ledgers: LedgerRepository) {}

  /** @param recordsFrom hours from this one on are compared with their records as well; null: none is */
  async load(tx: Transaction, ids: readonly string[], recordsFrom: Instant | null): Promise<AuditedLedger[]> {
    const [subscriptions, accounts, totals] = await Promise.all([
      run<SubscriptionRow>(tx, `select ${subscriptionColumns} from billing.subscriptions where id = any($1::uuid[]) order by id`, [ids]),
      this.ledgers.accountsOf(tx, ids),
      this.totalsOf(tx, ids, recordsFrom),
    ]);
    return subscriptions.map((subscription) => ({
      ledger: { subscription, timeline: timelineOf(subscription.facts), accounts: accounts.get(subscription.id) ?? [] },
      totals: totals.get(subscription.id) ?? EMPTY,
    }));
  }

  private async totalsOf(tx: Transaction, ids: readonly string[], recordsFrom: Instant | null): Promise<Map<string, Totals>> {
    const [meters, rated, placed] = await Promise.all([
      run<MeterRow>(tx, metersSql, [ids, recordsFrom === null ? null : isoOf(recordsFrom)]),
      run<Row<RatedTotal, 'quantity'>>(tx, ratedSql, [ids]),
      run<Row<PlacedTotal, 'quantity'>>(tx, placedSql, [ids]),
    ]);
    const of = <One extends { readonly subscriptionId: string }>(rows: readonly One[], id: string) =>
      rows.filter(({ subscriptionId }) => subscriptionId === id);
    const withQuantity = <One extends { readonly quantity: string }>(row: One) => ({ ...row, quantity: microsOf(row.quantity) });
    return new Map(
      ids.map((id) => [
        id,
        { meters: of(meters, id).map(meterTotalOf), rated: of(rated, id).map(withQuantity), placed: of(placed, id).map(withQuantity) },
      ]),
    );
  }

  /** What was found of these subscriptions, instead of what was found before. */
  replace(tx: Transaction, ids: readonly string[], differences: readonly Difference[]): void {
    write(tx, 'delete from billing.imbalances where subscription_id = any($1::uuid[])', [ids]);
    if (differences.length === 0) return;
    const rows = differences.map(({ difference, ...same }) => ({ ...same, difference: decimalOf(difference) }));
    write(
      tx,
      `insert into billing.imbalances (subscription_id, plan_id, meter, term, what, difference)
       select * from unnest($1::uuid[], $2::text[], $3::text[], $4::date[], $5::text[], $6::numeric[])`,
      columns(rows, 'subscriptionId', 'planId', 'meter', 'term', 'what', 'difference'),
    );
  }
}

const meterTotalOf = ({ meter, recorded, uncounted, misrated, unproved, ...counts }: MeterRow): MeterTotal => ({
  ...{ meter, misratedHours: counts.misratedHours, unprovedHours: counts.unprovedHours },
  ...{ recorded: microsOf(recorded), uncounted: microsOf(uncounted), misrated: microsOf(misrated), unproved: microsOf(unproved) },
});

/** The records of an hour and its sum are written by one statement, so that they agree at every moment. */
const metersSql = `
  select b.subscription_id as "subscriptionId", b.meter, sum(b.quantity)::text as recorded,
         coalesce(sum(b.quantity - r.rated) filter (where b.is_dirty), 0)::text as uncounted,
         coalesce(sum(b.quantity - r.rated) filter (where not b.is_dirty), 0)::text as misrated,
         (count(*) filter (where not b.is_dirty and b.quantity <> r.rated))::int as "misratedHours",
         coalesce(sum(b.quantity - u.recorded), 0)::text as unproved,
         (count(*) filter (where b.quantity <> u.recorded or b.records <> u.records))::int as "unprovedHours"
    from billing.buckets b
    cross join lateral (
      select coalesce(sum((part ->> 'quantity')::numeric), 0) as rated from jsonb_array_elements(b.rated) as part) r
    left join lateral (
      select coalesce(sum(quantity), 0) as recorded, count(*) as records from billing.usage u
       where u.subscription_id = b.subscription_id and u.meter = b.meter and u.used_at >= b.hour and u.used_at < b.hour + interval '1 hour') u
      on b.hour >= $2::timestamptz
   where b.subscription_id = any($1::uuid[])
   group by b.subscription_id, b.meter`;

const ratedSql = `
  select b.subscription_id as "subscriptionId", b.meter, part ->> 'kind' as kind, part ->> 'planId' as "planId", part ->> 'term' as term,
         part ->> 'reason' as reason, (part ->> 'isShadowed')::boolean as "isShadowed", sum((part ->> 'quantity')::numeric)::text as quantity
    from billing.buckets b cross join lateral jsonb_array_elements(b.rated) as part
   where b.subscription_id = any($1::uuid[])
   group by 1, 2, 3, 4, 5, 6, 7`;

const placedSql = `
  select placed.subscription_id as "subscriptionId", plan_id as "planId", meter, dimension, share ->> 'term' as term, state, reason,
         sum((share ->> 'quantity')::numeric)::text as quantity
    from (select subscription_id, plan_id, meter, dimension, state, case state when 'written-off' then reason end as reason, shares
            from billing.hours where subscription_id = any($1::uuid[]) and state not in ('carried', 'returned')
          union all
          select subscription_id, plan_id, meter, dimension, 'written-off', reason, shares
            from billing.write_offs where subscription_id = any($1::uuid[])) as placed
   cross join lateral jsonb_array_elements(placed.shares) as share
   group by 1, 2, 3, 4, 5, 6, 7`;
