import { Cleaner } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Longer than Kafka keeps a record (30 days) and usage may come late: what comes again is known. In real time. */
export const USAGE_RETENTION_DAYS = 45;
/** Takes out more than products can bring in meanwhile. */
const INTERVAL_MS = 60_000;
const part = { rows: 5_000, parts: 100 };

const deletion = (table: string, time: string) => ({
  ...part,
  sql: `delete from billing.${table} where ctid = any(array(
          select ctid from billing.${table} where ${time} < now() - interval '${USAGE_RETENTION_DAYS} days' order by ${time} limit ${part.rows}))`,
});

@Injectable()
export class UsageCleaner extends Cleaner {
  constructor(database: DataSource) {
    super(database, {
      statements: [deletion('usage', 'received_at'), deletion('usage_refused', 'refused_at')],
      intervalMs: INTERVAL_MS,
      failure: 'old usage records could not be deleted',
    });
  }
}
