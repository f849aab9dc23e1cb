import { Background } from '@landfall/messaging';
import { Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';

export const INTERVAL_MS = 5 * 60_000;
/** Rows that one statement removes: it stays short. */
export const ROWS = 1_000;
/** Statements of one kind in one round: 1.5 million rows, more than the busiest gateway takes in five minutes. */
const STATEMENTS = 1_500;
/** How long a stop waits for the statement that is under way. */
const STOP_LIMIT_MS = 5_000;

/**
 * What is kept for how long, by the database's clock, as one bounded statement each. Deliveries hold personal data, encrypted, for 30 days; a decision stays for
 * as long as a delivery asks for it: without it a redelivery would wait for nothing. A purchase's page ends with its browser's cookie, and is kept a while
 * for whoever must explain what happened.
 */
export const removals = [
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
];

/** Removes what has had its time, a bounded part at a time. Any copy may do it: what another one removed is simply gone. */
@Injectable()
export class Retention implements OnModuleInit, BeforeApplicationShutdown {
  private readonly background = new Background({
    name: Retention.name,
    round: async ({ stopping }) => {
      await this.removeOld(stopping);
      return INTERVAL_MS;
    },
    failure: 'old rows could not be removed; the next round tries again',
    errorPauseMs: INTERVAL_MS,
  });

  constructor(private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    this.background.start(INTERVAL_MS);
  }

  /** Before the pool is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.background.stop(STOP_LIMIT_MS);
  }

  /** Removes all that is due, in short statements: what is to be kept for 30 days is gone after them. Ends early when `stopping` aborts. */
  async removeOld(stopping?: AbortSignal): Promise<void> {
    for (const removal of removals) await this.removeAll(removal, stopping);
  }

  private async removeAll(removal: string, stopping?: AbortSignal): Promise<void> {
    for (let statement = 0; statement < STATEMENTS && !stopping?.aborted; statement++) {
      const [, removed] = await this.dataSource.query<[unknown[], number]>(removal); // TypeORM gives rows and their number
      if (removed < ROWS) return;
    }
  }
}
