import { Cleaner } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

export const INTERVAL_MS = 5 * 60_000;
/** Rows that one statement removes: it stays short. */
export const ROWS = 1_000;
/** Of one table in one round: 1.5 million rows, more than the busiest gateway takes in five minutes. */
const PARTS = 1_500;

/**
 * What is kept for how long, by the database's clock, as one bounded statement each. Deliveries hold personal data, encrypted, for 30 days; a decision stays for
 * as long as a delivery asks for it: without it a redelivery would wait for nothing. A purchase's page ends with its browser's cookie, and is kept a while
 * for whoever must explain what happened. What was used in a term is shown no more once that is over.
 */
const removals = [
  `delete from gateway.sessions where id_hash in (select id_hash from gateway.sessions where expires_at < now() limit ${ROWS})`,
  `delete from gateway.purchases where purchase_id in (
     select purchase_id from gateway.purchases where opened_at < now() - interval '30 days' limit ${ROWS})`,
  `delete from gateway.webhook_deliveries where id in (
     select id from gateway.webhook_deliveries where stored_at < now() - interval '30 days' limit ${ROWS})`,
  `delete from gateway.operation_decisions where (subscription_id, operation_id, action, registration) in (
     select subscription_id, operation_id, action, registration from gateway.operation_decisions
      where stored_at < now() - interval '30 days' and not exists (
              select from gateway.webhook_deliveries as delivery
               where delivery.subscription_id = operation_decisions.subscription_id
                 and delivery.operation_id = operation_decisions.operation_id and delivery.action = operation_decisions.action
                 and delivery.registration = operation_decisions.registration)
      limit ${ROWS})`,
  `delete from gateway.usage_counts where (subscription_id, plan_id, meter, term) in (
     select subscription_id, plan_id, meter, term from gateway.usage_counts where resets_at < now() - interval '90 days' limit ${ROWS})`,
];

/** Removes what has had its time: what is to be kept for 30 days is gone after them. */
@Injectable()
export class Retention extends Cleaner {
  constructor(database: DataSource) {
    super(database, {
      statements: removals.map((sql) => ({ sql, rows: ROWS, parts: PARTS })),
      intervalMs: INTERVAL_MS,
      failure: 'old rows could not be removed; the next round tries again',
    });
  }
}
