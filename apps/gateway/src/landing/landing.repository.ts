import { run, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Landing } from './landing';
import type { Opening } from './opening.domain';

/** Browsers that came from Microsoft, each bound to its purchase by the hash of its cookie. */
@Injectable()
export class LandingRepository {
  constructor(private readonly dataSource: DataSource) {}

  async add(landing: { purchaseId: string; registration: string; encryptedToken: string; browserHash: Buffer }): Promise<void> {
    await this.dataSource.query(
      `insert into gateway.landings (purchase_id, registration, encrypted_token, browser_hash) values ($1, $2, $3, $4)`,
      [landing.purchaseId, landing.registration, landing.encryptedToken, landing.browserHash],
    );
  }

  /** Whether this browser is the one that came with the purchase's token. Somebody else's and none look the same from outside. */
  async cameWith(purchaseId: string, browserHash: Buffer): Promise<boolean> {
    const rows = await this.dataSource.query<object[]>(`select from gateway.landings where purchase_id = $1 and browser_hash = $2`, [
      purchaseId,
      browserHash,
    ]);
    return rows.length > 0;
  }

  async lock(tx: Transaction, purchaseId: string): Promise<Map<string, Landing>> {
    const rows = await run<Landing>(
      tx,
      `select purchase_id as "purchaseId", registration, encrypted_token as "encryptedToken", opened_at as "openedAt"
         from gateway.landings where purchase_id = $1 for update`,
      [purchaseId],
    );
    return new Map(rows.map((row) => [row.purchaseId, row]));
  }

  /** The landing becomes a purchase: from now on the page has something to show. */
  async saveOpened(tx: Transaction, { purchaseId, openedAt, openedBy }: Opening): Promise<void> {
    await run(tx, `update gateway.landings set encrypted_token = null, opened_at = $2 where purchase_id = $1`, [purchaseId, openedAt]);
    await run(tx, `insert into gateway.purchases (purchase_id, opened_by, opened_at) values ($1, $2, $3)`, [
      purchaseId,
      JSON.stringify(openedBy),
      openedAt,
    ]);
  }
}
