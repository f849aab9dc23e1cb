import { groupOf } from '@landfall/contracts';
import { Logger } from '@nestjs/common';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { DeliveryWindow } from './delivery.window';
import { retryPauses } from './kafka.client';
import { requirePartitions, untilUnreadable } from './kafka.partitions';
import { reasonOf } from '../failure';
import { within } from '../signal';
import { leaveForPredecessor } from './kafka.predecessor';
import { isExpulsion } from './kafka.membership';
import type { FaultPoints } from '../ports';
import { RecordRefused } from '../consumer/bisect';
import type { FetchedRecord, Reception } from './reception';

const windowSize = 2000;
/** The same by bytes: of a batch, which is in one transaction, and of what waits. Each is exceeded by one record or one fetch at most. */
const batchBytes = 4 * 1024 * 1024;
const windowBytes = 16 * 1024 * 1024;
/** While nothing comes. What comes is given at once; a stop and a rebalance wait for the fetch that is under way. */
const fetchWaitMs = 1000;
/** What is fetched waits in memory, each record as several objects, however full the window is: a few batches of small records. One that is larger comes alone, once its partition is the first of a fetch: kafkajs shuffles them. */
const fetchBytes = 256 * 1024;
const fetchBytesTogether = 2 * 1024 * 1024;
const sessionTimeoutMs = 10_000;
const heartbeatMs = 2000;
const rebalanceTimeoutMs = 15_000;
const offsetsEveryMs = 1000;
/** So long what nobody waits for waits for others. */
const lingerMs = 500;
/** The group does not know it, and it has not joined again by then: kafkajs may read on so for ever, and no offset of it would be kept. */
const expelledMs = sessionTimeoutMs;
/** Between two tries of a batch while not even a dead letter of one of its records can be stored: it doubles. */
const refusedPauseMs = { first: 500, longest: 5_000 };
/** Between two beginnings: it doubles, until one has come to read. */
const beginPauseMs = { first: 300, longest: 2000 };
/** How long a stop waits for the batch that is under way. */
const stopMs = 10_000;
/** And for its last offsets. */
const lastOffsetsMs = 2_000;
/**
 * kafkajs repeats a fetch until the broker is back. It does not restart a consumer that crashed: ours begins anew instead, and first takes its own
 * dead membership out of the group, which would make everybody wait until its session runs out.
 */
const endless = { ...retryPauses, retries: 1_000_000, restartOnFailure: () => Promise.resolve(false) };

export interface ConsumerPorts {
  readonly partitions: number;
  /** Unique per living copy, and the same after a restart. */
  readonly clientId: string;
  readonly faults: FaultPoints;
}

/** What others see of a consumer, whatever its records are. */
export type RunningConsumer = Pick<TopicConsumer, keyof TopicConsumer>;

/** Reads one topic for one service: batches to the handler in order, offsets to Kafka after the database has committed. */
export class TopicConsumer<R extends FetchedRecord = FetchedRecord> {
  private readonly logger = new Logger('Consumer');
  private readonly window: DeliveryWindow<R>;
  private readonly stopped = Promise.withResolvers<void>();
  private consumer?: Consumer;
  private timer?: NodeJS.Timeout;
  private flushing?: Promise<void>;
  private supervising?: Promise<void>;
  private isStopping = false;
  private refusedSince?: number;
  private expelledSince?: number;
  private expel?: (error: Error) => void;
  private pauseMs = beginPauseMs.first;
  private lastProgressAt = performance.now();
  private fetchedAt = performance.now();

  constructor(
    private readonly kafka: Kafka,
    private readonly reception: Reception<R>,
    private readonly ports: ConsumerPorts,
  ) {
    this.window = new DeliveryWindow<R>(windowSize, windowBytes, reception.mayWait);
  }

  get name(): string {
    return this.reception.consumer;
  }
  get oldestAgeMs(): number {
    return this.window.oldestAgeMs;
  }
  get fetchAgeMs(): number {
    return performance.now() - this.fetchedAt;
  }
  /** The last fetch, assignment of partitions, or new beginning after an error; a full window that waits for the database counts as well. */
  get progressAt(): number {
    return this.lastProgressAt;
  }

  /** How long a record has been refused that can't even become a dead letter: its consumer waits, and a person is needed. */
  get refusedAgeMs(): number {
    return this.refusedSince === undefined ? 0 : performance.now() - this.refusedSince;
  }

  /** Returns at once; it connects by itself and keeps trying. */
  start(): void {
    this.lastProgressAt = performance.now();
    this.flushing = this.flush();
    this.timer = setInterval(() => void this.commitOffsets(), offsetsEveryMs);
    this.supervising = this.supervise();
  }

  /** Finishes the batch under way, commits its offsets and leaves the group, so that others take over at once. */
  async stop(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.timer);
    this.window.wake();
    await within(stopMs, this.flushing);
    await within(lastOffsetsMs, this.commitOffsets()); // with Kafka away kafkajs would try for ever; what is not committed comes again and is known
    this.stopped.resolve();
    await within(stopMs, this.supervising);
  }

  /**
   * Begins anew after every error, whatever its class: kafkajs throws plain errors about cut connections, and what a person has to mend (a topic that is
   * missing or has another number of partitions) is mended while this waits.
   */
  private async supervise(): Promise<void> {
    while (!this.isStopping) {
      const consumer = this.newConsumer();
      this.consumer = consumer;
      const ended = new AbortController();
      try {
        const crashed = this.crashOf(consumer);
        await this.connect(consumer);
        const error = await Promise.race([crashed, this.untilUnreadable(ended.signal), this.stopped.promise]);
        if (error) throw error;
      } catch (error) {
        this.lastProgressAt = performance.now();
        if (!this.isStopping) this.logger.warn({ consumer: this.name, reason: reasonOf(error) }, 'it does not read; it begins anew');
      } finally {
        ended.abort();
      }
      const left = consumer
        .disconnect()
        .catch((error: unknown) => this.logger.debug({ consumer: this.name, reason: reasonOf(error) }, 'it was cut off already'));
      await within(stopMs, left);
      if (!this.isStopping) await within(this.pauseMs, this.stopped.promise);
      this.pauseMs = Math.min(2 * this.pauseMs, beginPauseMs.longest);
    }
  }

  private untilUnreadable(ended: AbortSignal): Promise<Error | undefined> {
    return untilUnreadable(this.kafka, this.reception.topic.name, this.ports.partitions, () => this.fetchAgeMs, ended);
  }

  private newConsumer(): Consumer {
    return this.kafka.consumer({
      groupId: groupOf(this.name),
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: heartbeatMs,
      rebalanceTimeout: rebalanceTimeoutMs,
      maxWaitTimeInMs: fetchWaitMs,
      minBytes: 1,
      maxBytesPerPartition: fetchBytes,
      maxBytes: fetchBytesTogether,
      allowAutoTopicCreation: false,
      retry: endless,
    });
  }

  private async connect(consumer: Consumer): Promise<void> {
    const { name: topic } = this.reception.topic;
    await this.ports.faults.reach('consumer.before-connect');
    await requirePartitions(this.kafka, [topic], this.ports.partitions);
    await this.leaveForPredecessor();
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.ports.partitions,
      eachBatch: (payload) => this.receive(payload),
    });
  }

  /** Only makes a restart faster, so a failure is logged and no more. */
  private async leaveForPredecessor(): Promise<void> {
    try {
      const left = await leaveForPredecessor(this.kafka, groupOf(this.name), this.ports.clientId);
      if (left > 0) this.logger.log({ consumer: this.name, left }, 'left the group for a predecessor that died');
    } catch (error) {
      this.logger.debug(
        { consumer: this.name, reason: reasonOf(error) },
        'could not leave the group for a predecessor; its session runs out',
      );
    }
  }

  private async receive({ batch, resolveOffset, heartbeat, isRunning, isStale }: EachBatchPayload): Promise<void> {
    await this.ports.faults.reach('consumer.before-window');
    const generation = this.window.generation;
    const missing = batch.messages[0] ? this.window.gapBefore(batch.partition, batch.messages[0].offset) : null;
    if (missing !== null) {
      this.consumer?.seek({ topic: batch.topic, partition: batch.partition, offset: missing });
      return; // not resolved: what was fetched here comes again behind what is missing
    }
    const isCurrent = () => generation === this.window.generation && isRunning() && !isStale() && !this.isStopping;
    this.window.put(
      batch.messages.map((message) => this.reception.read(batch.partition, message)),
      generation,
    );
    while (this.window.isFull && isCurrent()) {
      await this.window.untilTaken(heartbeatMs / 2);
      await heartbeat();
      this.lastProgressAt = performance.now();
    }
    if (generation === this.window.generation) resolveOffset(batch.lastOffset());
  }

  private async flush(): Promise<void> {
    while (!this.isStopping) {
      const { records, generation } = await this.window.take(this.reception.batchSize, offsetsEveryMs, batchBytes, lingerMs);
      if (records.length === 0) continue;
      if (await this.isDelivered(records, generation)) this.window.done(records, generation);
    }
  }

  /** Delivers until the handler takes it: to go on would lose order. False where Kafka will deliver it again to somebody. */
  private async isDelivered(records: readonly R[], generation: number): Promise<boolean> {
    for (let pauseMs = refusedPauseMs.first; generation === this.window.generation && !this.isStopping; pauseMs *= 2) {
      try {
        await this.reception.deliver(records);
        this.refusedSince = undefined;
        return true;
      } catch (error) {
        this.refusedSince ??= performance.now();
        const { partition, offset, key } = error instanceof RecordRefused ? error.record : records[0]!;
        const fields = { consumer: this.name, partition, offset, keyId: key ?? undefined, reason: reasonOf(error) };
        this.logger.error(fields, 'a record can neither be handled nor become a dead letter: its consumer waits, and tries again');
        await within(Math.min(pauseMs, refusedPauseMs.longest), this.stopped.promise);
      }
    }
    return false;
  }

  private async commitOffsets(): Promise<void> {
    const { generation } = this.window;
    const offsets = this.window.takeOffsets();
    if (offsets.length === 0) return;
    try {
      await this.ports.faults.reach('consumer.before-offsets');
      await this.consumer?.commitOffsets(offsets.map(({ partition, offset }) => ({ topic: this.reception.topic.name, partition, offset })));
      this.expelledSince = undefined;
    } catch (error) {
      if (isExpulsion(error)) this.expelledSince ??= performance.now();
      this.window.putBackOffsets(offsets, generation); // else they would wait for the next message of their partition, which may not come for days
      this.logger.debug(
        { consumer: this.name, reason: reasonOf(error) },
        'offsets were not committed: they are tried again, and messages that come again are known',
      );
    }
  }

  /** Called when it reads: one that joins again does not, and may have to wait longer for the sessions of others to run out. */
  private expelWhereUnknown(): void {
    if (this.expelledSince === undefined || performance.now() - this.expelledSince < expelledMs) return;
    this.expelledSince = undefined;
    this.expel?.(new Error(`its group has not known it for ${expelledMs / 1_000} s, and it has not joined again`));
  }

  /** Listens to kafkajs's own events, and resolves when the consumer has crashed, or its group does not know it any more. */
  private crashOf(consumer: Consumer): Promise<Error> {
    const { events } = consumer;
    consumer.on(events.FETCH, () => {
      this.lastProgressAt = this.fetchedAt = performance.now();
      this.pauseMs = beginPauseMs.first;
      this.expelWhereUnknown();
    });
    consumer.on(events.REBALANCING, () => void this.commitOffsets());
    consumer.on(events.GROUP_JOIN, () => {
      this.lastProgressAt = performance.now();
      this.expelledSince = undefined;
      this.window.renew();
    });
    this.expelledSince = undefined; // that was another member
    return new Promise((resolve) => {
      this.expel = resolve;
      consumer.on(events.CRASH, ({ payload }) => resolve(payload.error));
    });
  }
}
