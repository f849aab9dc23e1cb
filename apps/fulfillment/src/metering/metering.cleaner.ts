import { Cleaner } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** A message that can still come must find its batch: topics keep them for 30 days, and a dead letter longer. */
const BATCHES_KEPT_DAYS = 90;
/** Longer than a reading takes to be handed over, also where an operator has to mend something first. */
const READINGS_KEPT_DAYS = 14;
const ROWS = 1_000;

const deleteOld = (table: string, age: string, days: number, where = 'true') => ({
  sql: `delete from fulfillment.${table} where ctid in
    (select ctid from fulfillment.${table} where ${age} < now() - make_interval(days => $1) and ${where} limit ${ROWS})`,
  ...{ values: [days], rows: ROWS, parts: 50 },
});

/** Deletes batches that have ended, and readings, when their time is over. */
@Injectable()
export class MeteringCleaner extends Cleaner {
  constructor(database: DataSource) {
    super(database, {
      statements: [
        deleteOld('usage_batches', 'received_at', BATCHES_KEPT_DAYS, 'answered_at is not null'),
        deleteOld('usage_reads', 'read_at', READINGS_KEPT_DAYS),
      ],
      intervalMs: 15 * 60_000,
      failure: 'old batches of usage were not deleted; the next round tries again',
    });
  }
}
