import type { Readable } from 'node:stream';
import { CatalogInForce } from '@landfall/catalog';
import type { UsageResult } from '@landfall/contracts';
import { instantColumn, inTransaction, LineExport, run } from '@landfall/messaging';
import { Clock } from '@landfall/service-defaults';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { centsOf, decimalOf, microsOf } from '../ledger/micros';
import { timelineOf } from '../ledger/timeline';
import { LedgerRepository } from '../rounds/ledger.repository';
import { ledgerOf } from '../rounds/round.domain';
import type { SubscriptionRow } from '../subscription/subscription';
import { subscriptionColumns } from '../subscription/subscription.repository';
import { includedQuantities, type IncludedQuantity } from './included.domain';
import type { ExportQuery, HourView, UsedQuery, UsedView } from './ledger.view';

/** What is asked of one subscription is little. */
const LIMIT_MS = 3_500;
const HUNDRED = 100n;

interface PartRow {
  readonly meter: string;
  readonly planId: string | null;
  readonly begin: string | null;
  readonly kind: 'counted' | 'not-reportable' | 'unrated';
  readonly reason: string | null;
  readonly quantity: string;
}

interface HourRow extends Omit<HourView, 'amount' | 'usageEventId' | 'answers'> {
  readonly answers: readonly UsageResult[];
}

/** Reads the ledger for people and their scripts. It locks nothing. */
@Injectable()
export class LedgerReader {
  private readonly exports: LineExport;

  constructor(
    private readonly database: DataSource,
    private readonly ledgers: LedgerRepository,
    private readonly clock: Clock,
    @Inject(CatalogInForce) private readonly catalog: Pick<CatalogInForce, 'current'>,
  ) {
    this.exports = new LineExport(database, 'usage');
  }

  /** Null: billing does not know the subscription. */
  async used(id: string, { from, to, by }: UsedQuery): Promise<UsedView[] | null> {
    const [known] = await this.database.query<object[]>('select from billing.subscriptions where id = $1', [id]);
    if (!known) return null;
    return summedUp(await this.database.query<PartRow[]>(partsBy(by), [id, from, to]));
  }

  /** Null: billing does not know the subscription. */
  included(id: string): Promise<IncludedQuantity[] | null> {
    const read = inTransaction(
      this.database,
      (tx) =>
        Promise.all([
          run<SubscriptionRow>(tx, `select ${subscriptionColumns} from billing.subscriptions where id = $1`, [id]),
          this.ledgers.accountsOf(tx, [id]),
        ]),
      LIMIT_MS,
    );
    return read.then(([[subscription], accounts]) => {
      if (!subscription) return null;
      const timeline = timelineOf(subscription.facts);
      const ledger = ledgerOf(
        { subscription, timeline, buckets: [], accounts: accounts.get(id) ?? [], hours: [] },
        { catalog: this.catalog.current, modes: [] },
      );
      return includedQuantities(ledger, this.clock.now().getTime());
    });
  }

  /** All hours of a range, one a line; those of a subscription and dimension together and in order. */
  export({ from, to }: ExportQuery): Promise<Readable> {
    return this.exports.begin<HourRow>(hoursSql, [from, to ?? null], lineOf);
  }
}

const begins = {
  hour: instantColumn('b.hour'),
  day: `to_char(b.hour at time zone 'UTC', 'YYYY-MM-DD')`,
  term: 'part.term',
} as const;

/** The parts of hours by how they were rated, and what came since that. */
const partsBy = (by: UsedQuery['by']): string => `
  select b.meter, part.plan as "planId", ${begins[by]} as begin, part.kind, part.reason, sum(part.quantity)::text as quantity
    from billing.buckets b
    cross join lateral (
      select one ->> 'planId' as plan, one ->> 'term' as term, one ->> 'kind' as kind, one ->> 'reason' as reason, (one ->> 'quantity')::numeric as quantity
        from jsonb_array_elements(b.rated) as one
      union all
      select null, null, 'unrated', null, b.quantity - coalesce((select sum((one ->> 'quantity')::numeric) from jsonb_array_elements(b.rated) as one), 0)
       where b.is_dirty) as part
   where b.subscription_id = $1 and b.hour >= $2 and b.hour < $3 and (part.kind <> 'unrated' or part.quantity <> 0)
   group by 1, 2, 3, 4, 5
   order by 1, 2 nulls first, 3 nulls first, 4, 5`;

function summedUp(parts: readonly PartRow[]): UsedView[] {
  const sums = new Map<string, UsedView>();
  for (const { meter, planId, begin, kind, reason, quantity } of parts) {
    const key = JSON.stringify([meter, planId, begin]);
    const sum = sums.get(key) ?? { meter, planId, begin, used: '0', notReportable: {}, unrated: '0' };
    const added = { counted: { used: shortest(quantity) }, unrated: { unrated: shortest(quantity) } };
    const notReportable = { ...sum.notReportable, [reason ?? 'unknown']: shortest(quantity) };
    sums.set(key, { ...sum, ...(kind === 'not-reportable' ? { notReportable } : added[kind]) });
  }
  return [...sums.values()];
}

const shortest = (quantity: string): string => decimalOf(microsOf(quantity));

const hoursSql = `
  select h.subscription_id as "subscriptionId", s.publisher_id as "publisherId", s.offer_id as "offerId", h.plan_id as "planId", h.meter, h.dimension,
         ${instantColumn('h.hour')} as hour, h.quantity::text, h.state, h.reason,
         s.rates -> h.plan_id -> 'prices' ->> h.dimension as "pricePerUnit", s.rates -> h.plan_id ->> 'currency' as currency,
         h.shares as terms, ${instantColumn('h.handed_over_at')} as "handedOverAt", ${instantColumn('h.changed_at')} as "changedAt", h.answers
    from billing.hours h join billing.subscriptions s on s.id = h.subscription_id
   where h.hour >= $1::timestamptz and ($2::timestamptz is null or h.hour < $2)
   order by h.subscription_id, h.dimension, h.hour`;

function lineOf({ answers, ...row }: HourRow): HourView {
  const { pricePerUnit, currency, terms, handedOverAt, changedAt, ...key } = row;
  const ids = answers.map(({ stored, usageEventId }) => stored?.usageEventId ?? usageEventId).filter(Boolean);
  return {
    ...{ ...key, quantity: shortest(row.quantity), pricePerUnit, currency, amount: amountOf(row) },
    ...{ terms, handedOverAt, changedAt, usageEventId: ids.at(-1) ?? null, answers: [...answers] },
  };
}

function amountOf({ quantity, pricePerUnit }: Pick<HourRow, 'quantity' | 'pricePerUnit'>): string | null {
  if (pricePerUnit === null) return null;
  const cents = centsOf(microsOf(quantity), pricePerUnit);
  return `${cents / HUNDRED}.${(cents % HUNDRED).toString().padStart(2, '0')}`;
}
