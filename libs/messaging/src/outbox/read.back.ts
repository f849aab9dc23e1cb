import { isOutage } from '@landfall/service-defaults';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Received } from '../consumer/received';
import type { TopicHandler } from '../consumer/topic.handler';
import { reasonOf } from '../failure';
import { SERVICE, type ServiceIdentity } from '../messaging.config';
import { pause } from '../signal';
import { inTransaction, run, write, type Transaction } from '../transaction';
import { Outbox } from './outbox';
import { RebuildSources } from './rebuild.sources';

/** While the database is away. */
const outagePauseMs = 1000;
/**
 * After a batch so small more is collected for so long: nobody waits for it, and each batch is a commit. Its records count as read back once it is committed, never
 * before: a position that was kept in memory alone could be lost after Kafka has forgotten the records, and what is late unnoticed.
 */
const collecting = { below: 100, ms: 500 };

/** A record of a compacted topic that came behind a newer one of its partition. */
interface Late {
  readonly partition: number;
  readonly key: string;
  readonly id: bigint;
}

interface NewestRow {
  readonly partition: number;
  readonly key: string;
  readonly messageId: string;
  readonly envelope: string;
}

/**
 * Reads what this service wrote to a compacted topic. A relay that was frozen in the middle of a send may write late, and Kafka can't be asked not to take
 * it: an older state would then be the newest of its key for ever. Ids of the outbox grow within a partition, so what comes behind a higher one is late;
 * where the outbox holds a newer message of its key that is in the topic already, that one is said again, within a second.
 */
@Injectable()
export class ReadBack {
  private readonly logger = new Logger('ReadBack');
  private readonly stopping = new AbortController();
  private readonly schema: string;

  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
    private readonly sources: RebuildSources,
    @Inject(SERVICE) service: ServiceIdentity,
  ) {
    this.schema = service.name;
  }

  /** The consumers that read back: one for each compacted topic that this service writes. */
  handlers(): TopicHandler[] {
    return this.sources.topics.map((topic) => ({
      topic,
      consumer: `${this.schema}.${topic.name}.read-back`,
      stages: { topic, decide: {} }, // key and header say enough: no value is read
    }));
  }

  /** From now on nobody waits for a database that is away. */
  stop(): void {
    this.stopping.abort();
  }

  /** Resolves when what was late among the records has been said again. */
  async deliver({ topic: { name } }: TopicHandler, records: readonly Received[]): Promise<void> {
    for (;;) {
      try {
        const repeated = await inTransaction(this.dataSource, (tx) => this.examine(tx, name, records));
        if (repeated === 0) break;
        this.outbox.committedSomewhere();
        this.logger.warn({ topic: name, count: repeated }, 'older states were written late over newer ones: the newer ones are said again');
        break;
      } catch (error) {
        if (!isOutage(error) || this.stopping.signal.aborted) throw error;
        this.logger.warn({ topic: name, reason: reasonOf(error) }, 'a compacted topic waits to be read back');
        await pause(outagePauseMs, this.stopping.signal);
      }
    }
    if (records.length < collecting.below) await pause(collecting.ms, this.stopping.signal);
  }

  /** Gives the number of messages that were said again. */
  private async examine(tx: Transaction, topic: string, records: readonly Received[]): Promise<number> {
    const partitions = [...new Set(records.map(({ partition }) => partition))].sort((a, b) => a - b);
    const highest = await this.highest(tx, topic, partitions);
    const late = lateAmong(records, highest);
    write(
      tx,
      `insert into ${this.schema}.read_back (topic, partition, highest) select $1, * from unnest($2::smallint[], $3::bigint[])
       on conflict (topic, partition) do update set highest = excluded.highest`,
      [topic, partitions, partitions.map((partition) => String(highest.get(partition) ?? 0n))],
    );
    return late.length === 0 ? 0 : this.repeat(tx, topic, late, highest);
  }

  private async highest(tx: Transaction, topic: string, partitions: readonly number[]): Promise<Map<number, bigint>> {
    const rows = await run<{ partition: number; highest: string }>(
      tx,
      `select partition, highest from ${this.schema}.read_back where topic = $1 and partition = any($2::smallint[]) order by partition for update`,
      [topic, partitions],
    );
    return new Map(rows.map(({ partition, highest }) => [partition, BigInt(highest)]));
  }

  /**
   * Under the lock of their partitions nobody appends a newer state meanwhile, which this one would overwrite. A newer message that was not read back yet
   * is still to come, behind the late one.
   */
  private async repeat(tx: Transaction, topic: string, late: readonly Late[], highest: ReadonlyMap<number, bigint>): Promise<number> {
    for (const partition of [...new Set(late.map((one) => one.partition))].sort((a, b) => a - b))
      await run(tx, `select pg_advisory_xact_lock(hashtext('${this.schema}.outbox'), $1::int)`, [partition]);
    const newest = await run<NewestRow>(
      tx,
      `select partition, key, message_id as "messageId", envelope
         from (select distinct on (o.partition, o.key) o.partition, o.key, o.message_id, o.envelope, o.id <= late.highest as is_overwritten
                 from unnest($2::smallint[], $3::text[], $4::bigint[], $5::bigint[]) as late (partition, key, id, highest)
                 join ${this.schema}.outbox o on o.partition = late.partition and o.topic = $1 and o.id > late.id and o.key = late.key
                order by o.partition, o.key, o.id desc) as newest
        where is_overwritten`,
      [
        topic,
        late.map(({ partition }) => partition),
        late.map(({ key }) => key),
        late.map(({ id }) => String(id)),
        late.map(({ partition }) => String(highest.get(partition))),
      ],
    );
    this.outbox.repeat(
      tx,
      newest.map((row) => ({ ...row, topic })),
    );
    return newest.length;
  }
}

/** The last late record of each key, where nothing as new follows it. `highest` grows by what was read. */
function lateAmong(records: readonly Received[], highest: Map<number, bigint>): Late[] {
  const late = new Map<string, Late>();
  for (const { partition, outboxId, key } of records) {
    if (outboxId === undefined) continue;
    const id = BigInt(outboxId);
    const known = highest.get(partition) ?? 0n;
    if (id < known) {
      late.set(key, { partition, key, id });
    } else {
      highest.set(partition, id);
      late.delete(key);
    }
  }
  return [...late.values()];
}
