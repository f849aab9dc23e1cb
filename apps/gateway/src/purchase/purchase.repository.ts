import { columns, run, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Purchase, SeenSubscription } from './purchase.state';

const seenColumns = `subscription_id as "subscriptionId", version, offer_id as "offerId", plan_id as "planId", quantity, term_unit as "termUnit",
  status, stage, access, beneficiary, purchaser, confirmed_at as "confirmedAt", confirmed_purchase_id as "confirmedPurchaseId"`;
const purchaseColumns = `purchase_id as "purchaseId", opened_at as "openedAt", subscription_id as "subscriptionId", plans, unresolved_because as "unresolvedBecause"`;

/** What the purchase page shows: purchases, and the newest that was told of their subscriptions. */
@Injectable()
export class PurchaseRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** A purchase and its subscription as they are now, without a lock: for the page. */
  async read(purchaseId: string): Promise<{ purchase: Purchase; subscription: SeenSubscription | undefined } | undefined> {
    const [purchase] = await this.dataSource.query<Purchase[]>(`select ${purchaseColumns} from gateway.purchases where purchase_id = $1`, [
      purchaseId,
    ]);
    if (!purchase) return undefined;
    const [subscription] = await this.dataSource.query<SeenSubscription[]>(
      `select ${seenColumns} from gateway.subscriptions_seen where subscription_id = $1`,
      [purchase.subscriptionId],
    );
    return { purchase: plainPurchase(purchase), subscription: subscription && plainSubscription(subscription) };
  }

  async lock(tx: Transaction, purchaseIds: string[]): Promise<Map<string, Purchase>> {
    const rows = await run<Purchase>(
      tx,
      `select ${purchaseColumns} from gateway.purchases where purchase_id = any($1::uuid[]) order by purchase_id for update`,
      [purchaseIds],
    );
    return new Map(rows.map((row) => [row.purchaseId, plainPurchase(row)]));
  }

  /** Only this changes by a message about a purchase; its link to a subscription is written with that. */
  async saveUnresolved(tx: Transaction, purchases: Purchase[]): Promise<void> {
    await run(
      tx,
      `update gateway.purchases set unresolved_because = given.reason
         from unnest($1::uuid[], $2::text[]) as given (purchase_id, reason)
        where purchases.purchase_id = given.purchase_id`,
      columns(purchases, 'purchaseId', 'unresolvedBecause'),
    );
  }

  /** In id order: two writers that share rows then wait for each other instead of deadlocking. */
  async lockSeen(tx: Transaction, subscriptionIds: string[]): Promise<Map<string, SeenSubscription>> {
    const rows = await run<SeenSubscription>(
      tx,
      `select ${seenColumns} from gateway.subscriptions_seen where subscription_id = any($1::uuid[]) order by subscription_id for update`,
      [subscriptionIds],
    );
    return new Map(rows.map((row) => [row.subscriptionId, plainSubscription(row)]));
  }

  /** `version` guards a row that another copy of this service made after our lock found none. */
  async saveSeen(tx: Transaction, subscriptions: SeenSubscription[]): Promise<void> {
    const rows = subscriptions.map((seen) => ({
      ...seen,
      beneficiary: JSON.stringify(seen.beneficiary),
      purchaser: JSON.stringify(seen.purchaser),
    }));
    await run(
      tx,
      `insert into gateway.subscriptions_seen as known (subscription_id, version, offer_id, plan_id, quantity, term_unit, status, stage, access,
              beneficiary, purchaser, confirmed_at, confirmed_purchase_id)
       select * from unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[],
              $10::jsonb[], $11::jsonb[], $12::timestamptz[], $13::uuid[])
       on conflict (subscription_id) do update set (version, offer_id, plan_id, quantity, term_unit, status, stage, access, beneficiary, purchaser)
              = (excluded.version, excluded.offer_id, excluded.plan_id, excluded.quantity, excluded.term_unit, excluded.status, excluded.stage,
                 excluded.access, excluded.beneficiary, excluded.purchaser),
              confirmed_at = coalesce(known.confirmed_at, excluded.confirmed_at),
              confirmed_purchase_id = coalesce(known.confirmed_purchase_id, excluded.confirmed_purchase_id)
        where known.version <= excluded.version`,
      columns(rows, ...seenFields),
    );
    await this.link(tx, subscriptions);
  }

  /** A purchase stays with the first subscription that it was resolved to. */
  private async link(tx: Transaction, subscriptions: SeenSubscription[]): Promise<void> {
    const links = subscriptions.flatMap(({ subscriptionId, arrivals }) =>
      arrivals.map(({ purchaseId, plans }) => ({ purchaseId, subscriptionId, plans: JSON.stringify(plans) })),
    );
    if (links.length === 0) return;
    await run(
      tx,
      `update gateway.purchases set subscription_id = given.subscription_id, plans = given.plans, unresolved_because = null
         from unnest($1::uuid[], $2::uuid[], $3::jsonb[]) as given (purchase_id, subscription_id, plans)
        where purchases.purchase_id = given.purchase_id and purchases.subscription_id is null`,
      columns(links, 'purchaseId', 'subscriptionId', 'plans'),
    );
  }
}

const seenFields = [
  ...(['subscriptionId', 'version', 'offerId', 'planId', 'quantity', 'termUnit', 'status', 'stage', 'access'] as const),
  ...(['beneficiary', 'purchaser', 'confirmedAt', 'confirmedPurchaseId'] as const),
];

/** pg gives dates; the domain knows ISO text alone. */
const iso = (value: string | Date | null): string | null => (value === null ? null : new Date(value).toISOString());
const plainPurchase = (row: Purchase): Purchase => ({ ...row, openedAt: iso(row.openedAt) as string });
const plainSubscription = (row: SeenSubscription): SeenSubscription => ({ ...row, confirmedAt: iso(row.confirmedAt), arrivals: [] });
