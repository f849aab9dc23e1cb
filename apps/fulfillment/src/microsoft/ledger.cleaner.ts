import { Cleaner } from '@landfall/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Injection token: how long the ledger of calls is kept, in milliseconds. */
export const LEDGER_RETENTION_MS = Symbol('LEDGER_RETENTION_MS');

export const INTERVAL_MS = 15 * 60_000;
const ROWS = 5_000;

/** Deletes calls from the ledger when their retention is over. */
@Injectable()
export class LedgerCleaner extends Cleaner {
  constructor(database: DataSource, @Inject(LEDGER_RETENTION_MS) retentionMs: number) {
    const sql = `delete from fulfillment.calls where ctid in
      (select ctid from fulfillment.calls where started_at < now() - make_interval(secs => $1) limit ${ROWS})`;
    super(database, {
      statements: [{ sql, values: [retentionMs / 1_000], rows: ROWS, parts: 200 }],
      intervalMs: INTERVAL_MS,
      failure: 'the ledger of calls was not cleaned; the next round tries again',
    });
  }
}
