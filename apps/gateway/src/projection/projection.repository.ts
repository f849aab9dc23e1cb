import { columns, run, type Transaction, write } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { unchanged, type ProjectionChange, type SubscriptionProjection } from './projection';

const selected = `subscription_id as "subscriptionId", version, publisher_id as "publisherId", offer_id as "offerId",
  is_preview as "isPreview", plan_id as "planId", quantity, term_unit as "termUnit", status, stage, access, has_setup_failed as "hasSetUpFailed", rejection_reason as "rejectionReason", beneficiary, purchaser, confirmed_at as "confirmedAt", confirmed_purchase_id as "confirmedPurchaseId"`;

const fields = [
  ...(['subscriptionId', 'version', 'publisherId', 'offerId', 'isPreview', 'planId', 'quantity', 'termUnit'] as const),
  ...([
    'status',
    'stage',
    'access',
    'hasSetUpFailed',
    'rejectionReason',
    'beneficiary',
    'purchaser',
    'confirmedAt',
    'confirmedPurchaseId',
  ] as const),
];

/** The newest version of each subscription that messages brought, and the purchases that are linked to it. */
@Injectable()
export class ProjectionRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** As it is now, without a lock: for the page. */
  async read(subscriptionId: string): Promise<SubscriptionProjection | undefined> {
    const [row] = await this.dataSource.query<SubscriptionProjection[]>(
      `select ${selected} from gateway.subscription_projections where subscription_id = $1`,
      [subscriptionId],
    );
    return row && plain(row);
  }

  /** In id order: two writers that share rows then wait for each other instead of deadlocking. */
  async lock(tx: Transaction, subscriptionIds: string[]): Promise<Map<string, ProjectionChange>> {
    const rows = await run<SubscriptionProjection>(
      tx,
      `select ${selected} from gateway.subscription_projections
        where subscription_id = any($1::uuid[]) order by subscription_id for update`,
      [subscriptionIds],
    );
    return new Map(rows.map((row) => [row.subscriptionId, unchanged(plain(row))]));
  }

  save(tx: Transaction, changes: ProjectionChange[]): void {
    this.saveProjections(tx, changes);
    this.linkPurchases(tx, changes);
  }

  /** `version` guards a row that another copy of this service made after our lock found none. */
  private saveProjections(tx: Transaction, changes: ProjectionChange[]): void {
    const rows = changes.map(({ projection }) => ({
      ...projection,
      beneficiary: JSON.stringify(projection.beneficiary),
      purchaser: JSON.stringify(projection.purchaser),
    }));
    write(
      tx,
      `insert into gateway.subscription_projections as known (subscription_id, version, publisher_id, offer_id, is_preview, plan_id,
              quantity, term_unit, status, stage, access, has_setup_failed, rejection_reason, beneficiary, purchaser,
              confirmed_at, confirmed_purchase_id)
       select * from unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::int[], $8::text[],
              $9::text[], $10::text[], $11::text[], $12::boolean[], $13::text[], $14::jsonb[], $15::jsonb[], $16::timestamptz[], $17::uuid[])
       on conflict (subscription_id) do update set
              (version, publisher_id, offer_id, is_preview, plan_id, quantity, term_unit, status, stage, access, has_setup_failed,
               rejection_reason, beneficiary, purchaser)
              = (excluded.version, excluded.publisher_id, excluded.offer_id, excluded.is_preview, excluded.plan_id, excluded.quantity,
                 excluded.term_unit, excluded.status, excluded.stage, excluded.access, excluded.has_setup_failed, excluded.rejection_reason, excluded.beneficiary, excluded.purchaser),
              confirmed_at = coalesce(known.confirmed_at, excluded.confirmed_at),
              confirmed_purchase_id = coalesce(known.confirmed_purchase_id, excluded.confirmed_purchase_id)
        where known.version <= excluded.version`,
      columns(rows, ...fields),
    );
  }

  /** A purchase stays with the first subscription for which it was registered. */
  private linkPurchases(tx: Transaction, changes: ProjectionChange[]): void {
    const links = changes.flatMap(({ projection: { subscriptionId }, newPurchases }) =>
      newPurchases.map(({ purchaseId, plans }) => ({ purchaseId, subscriptionId, plans: JSON.stringify(plans) })),
    );
    if (links.length === 0) return;
    write(
      tx,
      `update gateway.purchases set subscription_id = given.subscription_id, plans = given.plans, unresolved_reason = null
         from unnest($1::uuid[], $2::uuid[], $3::jsonb[]) as given (purchase_id, subscription_id, plans)
        where purchases.purchase_id = given.purchase_id and purchases.subscription_id is null`,
      columns(links, 'purchaseId', 'subscriptionId', 'plans'),
    );
  }
}

/** pg gives dates; the domain knows ISO text alone. */
const plain = (row: SubscriptionProjection): SubscriptionProjection => ({
  ...row,
  confirmedAt: row.confirmedAt === null ? null : new Date(row.confirmedAt).toISOString(),
});
