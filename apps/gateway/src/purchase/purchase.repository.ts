import { columns, run, type Transaction, write } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Person } from '@landfall/contracts';
import type { Opened, Opening } from '../landing/opening.domain';
import { TooMany } from '../too-many';
import type { Purchase } from './purchase';

const selected = `purchase_id as "purchaseId", opened_at as "openedAt", subscription_id as "subscriptionId", plans,
  unresolved_reason as "unresolvedReason"`;

/** Each opening costs a call to Microsoft (Resolve), so one person opens so many purchases in an hour. */
export const OPENINGS_PER_HOUR = 30;

/** Purchases that somebody opened. */
@Injectable()
export class PurchaseRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** By the database's clock: copies may differ by any time, and what one wrote down is compared by another. */
  async now(): Promise<Date> {
    const [row] = await this.dataSource.query<[{ now: Date }]>(`select now() as now`);
    return row.now;
  }

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

  /** Whether this browser is the one that came with the purchase's token. Somebody else's and none look the same from outside. */
  async cameWith(purchaseId: string, browserHash: Buffer): Promise<boolean> {
    const rows = await this.dataSource.query<object[]>(`select from gateway.purchases where purchase_id = $1 and browser_hash = $2`, [
      purchaseId,
      browserHash,
    ]);
    return rows.length > 0;
  }

  /**
   * A purchase that is about to be opened by a person: one at a time of each, so that none is opened twice and no person opens more than
   * their share by opening many at once. @throws TooMany
   */
  async lockOpening(tx: Transaction, purchaseId: string, person: Person): Promise<Map<string, Opened>> {
    const keys = [`${person.tenantId} ${person.objectId}`, purchaseId]; // always in this order, so that none waits for the other
    for (const key of keys) await run(tx, `select pg_advisory_xact_lock(hashtextextended('gateway.opening ' || $1, 0))`, [key]);
    const [known] = await run<Opened>(tx, `select purchase_id as "purchaseId" from gateway.purchases where purchase_id = $1`, [purchaseId]);
    if (known) return new Map([[purchaseId, known]]);
    const [spent] = await run<{ openings: number; waitMs: number }>(
      tx,
      `select count(*)::int as openings, coalesce(extract(epoch from min(opened_at) + interval '1 hour' - now()) * 1000, 0)::float8 as "waitMs"
         from (select opened_at from gateway.purchases
                where opened_by ->> 'tenantId' = $1 and opened_by ->> 'objectId' = $2 and opened_at > now() - interval '1 hour'
                order by opened_at desc limit ${OPENINGS_PER_HOUR}) as newest`,
      [person.tenantId, person.objectId],
    );
    if (spent && spent.openings >= OPENINGS_PER_HOUR) throw new TooMany('person', Math.max(spent.waitMs, 1_000));
    return new Map();
  }

  /** From now on the page has something to show. */
  async saveOpened(tx: Transaction, { landing, openedBy, openedAt }: Opening, browserHash: Buffer): Promise<void> {
    await run(
      tx,
      `insert into gateway.purchases (purchase_id, registration, browser_hash, opened_by, opened_at) values ($1, $2, $3, $4, $5)`,
      [landing.purchaseId, landing.registration, browserHash, JSON.stringify(openedBy), openedAt],
    );
  }

  /** Only the reason changes by a message about a purchase; its link to a subscription is written with the projection. */
  save(tx: Transaction, purchases: Purchase[]): void {
    write(
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
