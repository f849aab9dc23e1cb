import { topicRetentionDays } from '@landfall/contracts';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { forgetHandled, isCleanUpDone } from '../consumer/deduplication';
import { SERVICE, type ServiceIdentity } from '../messaging.config';
import { Background } from '../background';
import { inTransaction, run } from '../transaction';

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;
const firstAfterMs = 10_000;
/** After a failure, which is mostly an outage of the database. */
const failurePauseMs = 60_000;
/** Published messages stay a day longer than in Kafka, so that a topic can be published again. */
export const outboxRetentionDays = topicRetentionDays + 1;
const daysAhead = 3;
/** How long a stop waits for the statement that is under way. */
const stopMs = 5000;
/**
 * Longer than Kafka can deliver a message again. It removes segments and not messages, and a segment holds up to a week: so a message lives up to that
 * much longer than the retention says.
 */
export const handledRetentionDays = topicRetentionDays + 15;
/** Rows of one round are bounded, and so are its rounds: together 7,000 rows a second, more than a service can handle. */
const cleanUpRounds = 5_000;

/** Keeps the tables in shape, hourly, in small steps. Any number of copies may do it at once. */
@Injectable()
export class Maintenance {
  private readonly logger = new Logger('Maintenance');
  private readonly background = new Background({
    name: 'Maintenance',
    round: ({ stopping }) => this.backgroundRound(stopping),
    failure: 'the tables could not be kept in shape; it is tried again in a minute',
    errorPauseMs: failurePauseMs,
  });

  constructor(
    private readonly dataSource: DataSource,
    @Inject(SERVICE) private readonly service: ServiceIdentity,
  ) {}

  start(): void {
    this.background.start(firstAfterMs);
  }

  stop(): Promise<void> {
    return this.background.stop(stopMs);
  }

  /** Makes and drops days of the outbox, and forgets messages that were handled long ago. */
  async round(stopping?: AbortSignal): Promise<{ made: number; dropped: number; forgotten: number }> {
    const [days] = await inTransaction(this.dataSource, (tx) =>
      run<{ made: number; dropped: number }>(
        tx,
        `select made, dropped from ${this.service.name}.outbox_maintain($1 * interval '1 day', $2)`,
        [outboxRetentionDays, daysAhead],
      ),
    );
    let forgotten = 0;
    for (let rounds = 0; rounds < cleanUpRounds && !stopping?.aborted; rounds++) {
      const removed = await inTransaction(this.dataSource, (tx) => forgetHandled(tx, this.service.name, handledRetentionDays * dayMs));
      forgotten += removed;
      if (isCleanUpDone(removed)) break;
    }
    return { made: days?.made ?? 0, dropped: days?.dropped ?? 0, forgotten };
  }

  private async backgroundRound(stopping: AbortSignal): Promise<number> {
    const done = await this.round(stopping);
    if (done.made + done.dropped + done.forgotten > 0) this.logger.log(done, 'tables were kept in shape');
    return hourMs;
  }
}
