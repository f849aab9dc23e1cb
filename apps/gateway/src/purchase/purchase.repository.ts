import { columns, run, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Purchase } from './purchase';

const selected = `purchase_id as "purchaseId", opened_at as "openedAt", subscription_id as "subscriptionId", plans,
  unresolved_reason as "unresolvedReason"`;

/** Purchases that somebody opened. */
@Injectable()
export class PurchaseRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** As it is now, without a lock: for the page. */
  async read(purchaseId: string): Promise<Purchase | undefined> {
    const [row] = await this.dataSource.query<Purchase[]>(`select ${selected} from gateway.purchases where purchase_id = $1`, [purchaseId]);
    return row && plain(row);
  }

  /** In id order: two writers that share rows then wait for each other instead of deadlocking. */
  async lock(tx: Transaction, purchaseIds: string[]): Promise<Map<string, Purchase>> {
    const rows = await run<Purchase>(
      tx,
      `select ${selected} from gateway.purchases where purchase_id = any($1::uuid[]) order by purchase_id for update`,
      [purchaseIds],
    );
    return new Map(rows.map((row) => [row.purchaseId, plain(row)]));
  }

  /** Only the reason changes by a message about a purchase; its link to a subscription is written with the projection. */
  async save(tx: Transaction, purchases: Purchase[]): Promise<void> {
    await run(
      tx,
      `update gateway.purchases set unresolved_reason = given.reason
         from unnest($1::uuid[], $2::text[]) as given (purchase_id, reason)
        where purchases.purchase_id = given.purchase_id`,
      columns(purchases, 'purchaseId', 'unresolvedReason'),
    );
  }
}

/** pg gives dates; the domain knows ISO text alone. */
const plain = (row: Purchase): Purchase => ({ ...row, openedAt: new Date(row.openedAt).toISOString() });
