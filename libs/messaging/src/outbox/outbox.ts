import { partitionOf } from '@landfall/contracts';
import { Clock } from '@landfall/service-defaults';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { markOvertaken, type EndedJob } from '../jobs/job.overtaking';
import { insertJobs } from '../jobs/job.repository';
import { SERVICE, type ServiceIdentity } from '../messaging.config';
import { countJob } from '../metrics';
import type { Outgoing, OutgoingMessage, Sender } from './outgoing';
import { run, write, type Transaction } from '../transaction';
import { Signal } from '../signal';
import { UnreadPlaces, type Place } from './unread.places';

/** What a commit makes: whoever waits for it is woken. */
export interface Committed {
  readonly messages: boolean;
  /** Where they were written. */
  readonly places: readonly Place[];
  readonly jobs: boolean;
  /** Dead jobs that were overtaken. */
  readonly ended: readonly EndedJob[];
}

/** Writes what a transaction sends, and wakes the relay and the job runner of this process once it is committed. */
@Injectable()
export class Outbox {
  private readonly logger = new Logger('Jobs');
  /** Where the relay of this process has to look. */
  readonly unread = new UnreadPlaces();
  /** Raised after a commit with messages. */
  readonly messagesCommitted = new Signal();
  /** Raised after a commit with jobs. */
  readonly jobsCommitted = new Signal();
  /** How many commits of this process had messages: the relay of another copy may have to publish them. */
  commits = 0;
  private epoch?: number;

  constructor(
    @Inject(SERVICE) private readonly service: ServiceIdentity,
    private readonly clock: Clock,
  ) {}

  /** Who sends, for one transaction. The epoch is read once per process: a restore raises it while all copies are stopped. */
  async sender(tx: Transaction): Promise<Sender> {
    this.epoch ??= await this.readEpoch(tx);
    return { source: `landfall/${this.service.name}`, epoch: this.epoch, time: this.clock.now().toISOString() };
  }

  /**
   * Ends what is overtaken, writes jobs, then messages. It must be the last step of the transaction: `outbox_append` takes one advisory lock per partition, in ascending
   * order. Ids of a partition are then drawn in commit order, so a relay that reads past an id has seen every id before it.
   */
  async append(tx: Transaction, { messages, jobs, overtakings }: Outgoing): Promise<Committed> {
    const ended = await markOvertaken(tx, this.service.name, overtakings, this.clock.aheadMs);
    if (jobs.length > 0) insertJobs(tx, this.service.name, jobs, this.clock.aheadMs);
    const rows = messages.map((message) => ({ ...message, partition: partitionOf(message.key, this.service.partitions) }));
    if (rows.length > 0) this.appendRows(tx, rows);
    return { messages: rows.length > 0, places: rows, jobs: jobs.length > 0 || ended.length > 0, ended }; // a freed key may have a next job
  }

  /** Appends messages of this outbox once more, as they were. The last step of a transaction, as `append`. */
  repeat(tx: Transaction, rows: readonly (OutgoingMessage & { partition: number })[]): void {
    if (rows.length > 0) this.appendRows(tx, rows);
  }

  /** To be called after the commit. */
  committed({ messages, places, jobs, ended }: Committed): void {
    if (messages) {
      this.commits++;
      this.unread.add(places);
      this.messagesCommitted.raise();
    }
    if (jobs) this.jobsCommitted.raise();
    for (const { id, kind, reason } of ended) {
      countJob(kind, 'overtaken');
      this.logger.log({ kind, job: id, reason }, 'a dead job has ended: what it was for is over without it');
    }
  }

  /** The same where nobody knows what was written, or to whom it is left to publish. */
  committedSomewhere(): void {
    this.unread.addEverywhere();
    this.messagesCommitted.raise();
  }

  private appendRows(tx: Transaction, rows: readonly (OutgoingMessage & { partition: number })[]): void {
    write(tx, `select ${this.service.name}.outbox_append($1::smallint[], $2::text[], $3::text[], $4::uuid[], $5::text)`, [
      rows.map(({ partition }) => partition),
      rows.map(({ topic }) => topic),
      rows.map(({ key }) => key),
      rows.map(({ messageId }) => messageId),
      rows.map(({ envelope }) => envelope).join('\x1e'), // JSON text never holds a raw 0x1e, so it can separate
    ]);
  }

  /** Of a restored database the next one, also before `RestoredDatabase` has noted it: an HTTP endpoint may send first. */
  private async readEpoch(tx: Transaction): Promise<number> {
    const [row] = await run<{ epoch: number }>(
      tx,
      `select epoch + coalesce(restored_at is distinct from to_timestamp($1::float8 / 1000) and $1 is not null, false)::int as epoch
         from ${this.service.name}.messaging_setting`,
      [this.service.restoredAt ?? null],
    );
    if (!row) throw new Error(`${this.service.name}.messaging_setting is empty: run the migrations`);
    return row.epoch;
  }
}
