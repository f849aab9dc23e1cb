import { Clock, isOutage } from '@landfall/service-defaults';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Message } from '@landfall/contracts';
import type { Received } from '../consumer/received';
import type { RecordHandler, TopicHandler } from '../consumer/topic.handler';
import { reasonOf } from '../failure';
import { kafkaClient } from '../kafka/kafka.client';
import { CONFIG, SERVICE, type MessagingConfig, type ServiceIdentity } from '../messaging.config';
import { pause } from '../signal';
import { inTransaction, run } from '../transaction';
import { GroupsNotMoved, moveGroups, type NewPosition } from './group.positions';

/** Messages are read again from so long before the backup: what was sent just before it may not have been handled. What was is known. */
const readAgainMs = 3_600_000;
/** The clocks of the services may differ by so much. What was sent within it after the backup is taken, which does no harm. */
const toleranceMs = 10_000;
const pauseMs = 1_000;

/** The setting names a moment that has not come. */
export class RestoredInFuture extends Error {
  readonly code = 'RESTORED_IN_FUTURE';
  readonly retriable = false;
}

interface Setting {
  readonly epoch: number;
  readonly restoredAt: number | null;
  /** When the service went on with it, in business time. Null where it was never restored. */
  readonly resumedAt: number | null;
}

/** What a service reads, and what it reads back of its own. */
export interface Readers {
  readonly handlers: readonly (TopicHandler | RecordHandler)[];
  readonly readBack: readonly TopicHandler[];
}

/**
 * Goes on with a database that was restored from a backup (rule 12). Kafka is ahead of it: groups have read what the tables know nothing of, and topics hold what services
 * sent and have forgotten. So the groups are set back to before the backup, and of what is read again those messages are left out that a service sent after the
 * backup; what came from outside counts (`isFromOutside`). A higher epoch tells what is sent now from what was.
 */
@Injectable()
export class RestoredDatabase {
  private readonly logger = new Logger('Restore');
  private readonly stopping = new AbortController();
  private resumed?: number | null;
  /** Of lower epochs, what was sent between these instants of business time. */
  private forgotten?: { readonly epoch: number; readonly since: number; readonly until: number };

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    @Inject(SERVICE) private readonly service: ServiceIdentity,
    @Inject(CONFIG) private readonly config: MessagingConfig,
  ) {}

  /** Before anything is read or published. Waits for Postgres, Kafka and the last copy to stop, as long as it takes. @throws RestoredInFuture */
  async goOn(readers: Readers): Promise<void> {
    if ((this.service.restoredAt ?? 0) > this.clock.realNow().getTime())
      throw new RestoredInFuture('RESTORED_AT has not come: it is the moment at which the backup was taken, and so in the past');
    while (!this.stopping.signal.aborted) {
      try {
        const { epoch, restoredAt, resumedAt } = await this.adopted(readers);
        if (restoredAt !== null && resumedAt !== null)
          this.forgotten = { epoch, since: restoredAt + toleranceMs + this.clock.aheadMs, until: resumedAt + toleranceMs };
        return;
      } catch (error) {
        if (!isOutage(error) && !(error instanceof GroupsNotMoved)) throw error;
        this.logger.warn({ reason: reasonOf(error) }, 'messaging waits before it goes on with the restored database');
        await pause(pauseMs, this.stopping.signal);
      }
    }
  }

  /** @returns when the service went on with a restored database, in business time; null where it never was; undefined while it has still to go on with one: then its tables lack what is read again */
  async resumedAt(): Promise<number | null | undefined> {
    if (this.resumed !== undefined) return this.resumed;
    const { restoredAt, resumedAt } = await this.setting();
    if (this.service.restoredAt !== undefined && restoredAt !== this.service.restoredAt) return undefined;
    return (this.resumed = resumedAt);
  }

  stop(): void {
    this.stopping.abort();
  }

  /** Whether a message was sent by a service that has forgotten it. What is sent later with a lower epoch is of a service that began after the restore. */
  isForgotten({ topic }: TopicHandler, { decoded }: Received): boolean {
    if (!this.forgotten || topic.isFromOutside || decoded.kind !== 'message') return false;
    const { epoch, time } = decoded.message as Message;
    const sentAt = Date.parse(time);
    return epoch < this.forgotten.epoch && sentAt > this.forgotten.since && sentAt <= this.forgotten.until;
  }

  private async adopted(readers: Readers): Promise<Setting> {
    const known = await this.setting();
    const restoredAt = this.service.restoredAt;
    if (restoredAt === undefined || known.restoredAt === restoredAt) return known;
    const positions = positionsOf(readers, restoredAt - readAgainMs);
    await moveGroups(kafkaClient(this.config.values, `${this.service.instance}/restore`), positions);
    const noted = await this.note(restoredAt);
    const fields = { restoredAt: new Date(restoredAt), epoch: noted.epoch, groups: positions.length };
    this.logger.warn(fields, 'the database was restored: what was read since the backup is read again');
    return noted;
  }

  private setting(): Promise<Setting> {
    return inTransaction(this.dataSource, async (tx) => {
      const [row] = await run<Setting>(tx, `select ${settingColumns} from ${this.service.name}.messaging_setting`, []);
      return row!;
    });
  }

  /** Copies that start together move the groups to the same places, and the epoch rises once. */
  private async note(restoredAt: number): Promise<Setting> {
    await inTransaction(this.dataSource, (tx) =>
      run(
        tx,
        `update ${this.service.name}.messaging_setting set epoch = epoch + 1, restored_at = to_timestamp($1::float8 / 1000), resumed_at = to_timestamp($2::float8 / 1000)
          where restored_at is distinct from to_timestamp($1::float8 / 1000)`,
        [restoredAt, this.clock.now().getTime()],
      ),
    );
    return this.setting();
  }
}

const millis = (column: string) => `round(extract(epoch from ${column}) * 1000)::float8`;
const settingColumns = `epoch, ${millis('restored_at')} as "restoredAt", ${millis('resumed_at')} as "resumedAt"`;

/** What a service reads back of its own goes on behind all of it: ids of the outbox begin again at those of the backup. */
const positionsOf = ({ handlers, readBack }: Readers, from: number): NewPosition[] => [
  ...handlers.map(({ consumer, topic }) => ({ consumer, topic: topic.name, from })),
  ...readBack.map(({ consumer, topic }) => ({ consumer, topic: topic.name, from: 'end' as const })),
];
