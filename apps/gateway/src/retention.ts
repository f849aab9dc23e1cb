import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';

const INTERVAL_MS = 5 * 60_000;
/** Rows that one statement removes: it stays short. */
export const ROWS = 1_000;
/** Statements of one kind in one turn: 1.5 million rows, more than the busiest gateway takes in five minutes. */
const ROUNDS = 1_500;

/**
 * What is kept for how long, as one bounded statement each. Deliveries hold personal data, encrypted, for 30 days; a landing that nobody
 * signed in for is worth nothing once its token has expired; a purchase's page ends with its browser's cookie, and is kept a while for
 * whoever must explain what happened.
 */
export const removals = [
  `delete from gateway.sessions where id_hash in (select id_hash from gateway.sessions where expires_at < now() limit ${ROWS})`,
  `delete from gateway.signin_attempts where state_hash in (select state_hash from gateway.signin_attempts where expires_at < now() limit ${ROWS})`,
  `delete from gateway.landings where purchase_id in (
     select purchase_id from gateway.landings where arrived_at < now() - interval '1 day' and opened_at is null limit ${ROWS})`,
  `delete from gateway.landings where purchase_id in (
     select purchase_id from gateway.landings where arrived_at < now() - interval '30 days' limit ${ROWS})`,
  `delete from gateway.webhook_deliveries where id in (
     select id from gateway.webhook_deliveries where received_at < now() - interval '30 days' limit ${ROWS})`,
];

/** Removes what has had its time, a bounded part at a time. Any copy may do it: what another one removed is simply gone. */
@Injectable()
export class Retention implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(Retention.name);
  private timer: NodeJS.Timeout | undefined;
  private isTidying = false;
  private isStopping = false;

  constructor(private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.tidy(), INTERVAL_MS).unref();
  }

  onModuleDestroy(): void {
    this.isStopping = true;
    clearInterval(this.timer);
  }

  /** Removes all that is due, in short statements: what is to be kept for 30 days is gone after them. A failure waits for the next turn. */
  async tidy(): Promise<void> {
    if (this.isTidying) return; // a turn that takes longer than the interval
    this.isTidying = true;
    try {
      for (const removal of removals) await this.removeAll(removal);
    } catch (error) {
      this.logger.warn({ err: error }, 'old rows could not be removed');
    } finally {
      this.isTidying = false;
    }
  }

  private async removeAll(removal: string): Promise<void> {
    for (let round = 0; round < ROUNDS && !this.isStopping; round++) {
      const [, removed] = await this.dataSource.query<[unknown[], number]>(removal); // TypeORM gives rows and their number
      if (removed < ROWS) return;
    }
  }
}
