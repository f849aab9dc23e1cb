import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { forgetHandled, isCleanUpDone } from './inbox';
import { SERVICE, type ServiceIdentity } from './messaging.config';
import { reasonOf } from './outage';
import { inTransaction, run } from './transaction';

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;
const firstAfterMs = 10_000;
/** Published messages stay as long as Kafka's own retention, so that a topic can be rebuilt. */
const outboxRetentionDays = 7;
const daysAhead = 3;
/** Longer than Kafka can deliver a message again: twice the topics' retention. */
const handledRetentionMs = 14 * dayMs;
/** Rows of one round are bounded, and so are its rounds: together 7,000 rows a second, more than a service can handle. */
const cleanUpRounds = 5_000;

/** Keeps the tables in shape, hourly, in small steps. Any number of copies may do it at once. */
@Injectable()
export class Maintenance {
  private readonly logger = new Logger('Maintenance');
  private timer?: NodeJS.Timeout;
  private isStopping = false;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(SERVICE) private readonly service: ServiceIdentity,
  ) {}

  start(): void {
    this.isStopping = false;
    this.schedule(firstAfterMs);
  }

  stop(): void {
    this.isStopping = true;
    clearTimeout(this.timer);
  }

  /** Makes and drops days of the outbox, and forgets messages that were handled long ago. */
  async round(): Promise<{ made: number; dropped: number; forgotten: number }> {
    const [days] = await inTransaction(this.dataSource, (tx) =>
      run<{ made: number; dropped: number }>(
        tx,
        `select made, dropped from ${this.service.name}.outbox_maintain($1 * interval '1 day', $2)`,
        [outboxRetentionDays, daysAhead],
      ),
    );
    let forgotten = 0;
    for (let rounds = 0; rounds < cleanUpRounds && !this.isStopping; rounds++) {
      const removed = await inTransaction(this.dataSource, (tx) => forgetHandled(tx, this.service.name, handledRetentionMs));
      forgotten += removed;
      if (isCleanUpDone(removed)) break;
    }
    return { made: days?.made ?? 0, dropped: days?.dropped ?? 0, forgotten };
  }

  private schedule(afterMs: number): void {
    this.timer = setTimeout(() => void this.roundAndNext(), afterMs).unref();
  }

  private async roundAndNext(): Promise<void> {
    try {
      const done = await this.round();
      if (done.made + done.dropped + done.forgotten > 0) this.logger.log(done, 'tables were kept in shape');
    } catch (error) {
      this.logger.warn({ reason: reasonOf(error) }, 'the tables could not be kept in shape; the next hour tries again');
    }
    if (!this.isStopping) this.schedule(hourMs);
  }
}
