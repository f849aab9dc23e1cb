import { contentType } from '@landfall/contracts';
import { openSession } from '@landfall/service-defaults';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Kafka, Producer } from 'kafkajs';
import type { Client } from 'pg';
import { DataSource } from 'typeorm';
import { kafkaClient } from '../kafka/kafka.client';
import { requirePartitions } from '../kafka/kafka.partitions';
import { Background } from '../background';
import { CONFIG, SERVICE, type MessagingConfig, type ServiceIdentity } from '../messaging.config';
import { countRelayed } from '../metrics';
import { reasonOf } from '../failure';
import { Outbox } from './outbox';
import { FAULT_POINTS, type FaultPoints } from '../ports';
import { RelayPartitions } from './relay.partitions';

/** Messages of one partition, and bytes of one partition and topic, in one send: a broker takes 1 MB per partition by default. */
const messagesPerPartition = 200;
const bytesPerPartition = 400 * 1024;
/** It looks this often after it has found something, and doubles up to this while it finds nothing. */
const pollMs = { fastest: 5, slowest: 100 };
const saveMs = 100;
const balanceMs = 1000;
/** It says whom it waits for where messages have been in a partition of another for this long. */
const lateMs = 15_000;
const retryMs = { first: 100, longest: 2000 };
/** How long a stop waits for the send that is under way. */
const stopMs = 5000;
/** A statement that takes longer means a connection that hangs. */
const statementMs = 10_000;

interface OutboxRow {
  readonly partition: number;
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly envelope: string;
}

/**
 * Publishes the outbox. It owns partitions, reads each behind its position, and has one send outstanding, so nothing overtakes. What was sent but not
 * recorded is sent again after a crash: in order, and with the same ids. After any error it begins anew with a fresh connection and producer.
 */
@Injectable()
export class Relay {
  private readonly logger = new Logger('Relay');
  private readonly checkedTopics = new Set<string>();
  private readonly background: Background;
  private retryPauseMs = retryMs.first;

  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
    @Inject(SERVICE) private readonly service: ServiceIdentity,
    @Inject(CONFIG) private readonly config: MessagingConfig,
    @Inject(FAULT_POINTS) private readonly faults: FaultPoints,
  ) {
    this.background = new Background({
      name: 'Relay',
      round: ({ stopping }) => this.publishUntilError(stopping),
      failure: 'the relay begins anew',
      errorPauseMs: () => this.nextRetryPauseMs(),
      isPassing: () => true, // Kafka or Postgres is away: it goes on by itself
      wake: outbox.messagesCommitted,
    });
  }

  start(): void {
    this.background.start();
  }

  /** Finishes the send that is under way and saves its positions, or leaves both to the next owner of its partitions where Kafka is away. */
  stop(): Promise<void> {
    return this.background.stop(stopMs);
  }

  /** The life of one connection and one producer, until it fails or the relay stops. */
  private async publishUntilError(stopping: AbortSignal): Promise<number> {
    const startedAt = performance.now();
    const client = openSession(this.dataSource, `${this.service.name} relay`, { query_timeout: statementMs });
    client.on('error', (error) => this.logger.warn({ reason: reasonOf(error) }, 'the connection of the relay was cut')); // the next query fails
    const kafka = kafkaClient(this.config.values, `${this.service.instance}/relay`);
    // acks of all replicas and no idempotence: a repetition is known by its id, and a rolled back sequence number could swallow a batch
    const producer = kafka.producer({
      allowAutoTopicCreation: false,
      maxInFlightRequests: 1,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition!,
    });
    try {
      await client.connect();
      await producer.connect();
      await this.publish(new RelayPartitions(client, this.service.name), client, producer, kafka, stopping);
    } finally {
      await this.end(client, producer);
      if (performance.now() - startedAt > 10 * retryMs.longest) this.retryPauseMs = retryMs.first;
    }
    return 0;
  }

  /** The pause after an error: it doubles, until a connection has held for a while. */
  private nextRetryPauseMs(): number {
    const pauseMs = this.retryPauseMs;
    this.retryPauseMs = Math.min(pauseMs * 2, retryMs.longest);
    return pauseMs;
  }

  private async publish(
    partitions: RelayPartitions,
    client: Client,
    producer: Producer,
    kafka: Kafka,
    stopping: AbortSignal,
  ): Promise<void> {
    await client.query('set synchronous_commit = off'); // a lost position only sends again
    await partitions.join();
    let pauseMs = pollMs.fastest;
    let balanceAt = 0;
    let lookAt = performance.now() + lateMs;
    let saveAt = performance.now() + saveMs;
    while (!stopping.aborted) {
      if (performance.now() >= balanceAt) {
        await partitions.balance();
        balanceAt = performance.now() + balanceMs;
      }
      if (performance.now() >= lookAt) {
        await this.sayWhoHolds(partitions);
        lookAt = performance.now() + lateMs;
      }
      const rows = await this.read(client, partitions.positions);
      if (rows.length > 0) {
        partitions.advance(await this.send(rows, producer, kafka));
        pauseMs = pollMs.fastest;
      }
      if (partitions.hasUnsaved && performance.now() >= saveAt) {
        await this.faults.reach('relay.before-cursor');
        await partitions.save();
        saveAt = performance.now() + saveMs;
      }
      if (rows.length > 0) continue;
      await this.outbox.messagesCommitted.wait(pauseMs);
      pauseMs = Math.min(pauseMs * 2, pollMs.slowest);
    }
    await partitions.save();
  }

  /** A host that vanished holds its partitions until Postgres has noticed. An operator sees the session, and can end it by `pg_terminate_backend(pid)`. */
  private async sayWhoHolds(partitions: RelayPartitions): Promise<void> {
    for (const { held, waitingMs, pid, application, since, address } of await partitions.heldElsewhere(lateMs))
      this.logger.warn(
        { partition: held, waitingMs, pid, name: application, since, address },
        'messages wait for the session that holds their partition',
      );
  }

  private async read(client: Client, positions: ReadonlyMap<number, string>): Promise<OutboxRow[]> {
    if (positions.size === 0) return [];
    const { rows } = await client.query<OutboxRow>({
      name: 'read',
      text: `select o.partition, o.id, o.topic, o.key, o.envelope
               from unnest($1::smallint[], $2::bigint[]) as c (partition, position)
              cross join lateral (select * from ${this.service.name}.outbox where partition = c.partition and id > c.position order by id limit $3) as o`,
      values: [[...positions.keys()], [...positions.values()], messagesPerPartition],
    });
    return rows;
  }

  /** Sends a run of every partition and gives how far each came. */
  private async send(rows: readonly OutboxRow[], producer: Producer, kafka: Kafka): Promise<Map<number, string>> {
    const byTopic = new Map<string, { key: string; value: string; partition: number; headers: { 'content-type': string } }[]>();
    const moved = new Map<number, string>();
    const bytes = new Map<number, number>();
    const headers = { 'content-type': contentType };
    let count = 0;
    for (const { partition, id, topic, key, envelope } of rows) {
      const partitionBytes = (bytes.get(partition) ?? 0) + Buffer.byteLength(envelope);
      bytes.set(partition, partitionBytes);
      if (partitionBytes > bytesPerPartition && moved.has(partition)) continue; // it stays full for the rest of this run, so no row of it is skipped
      let messages = byTopic.get(topic);
      if (!messages) byTopic.set(topic, (messages = []));
      messages.push({ key, value: envelope, partition, headers });
      moved.set(partition, id);
      count++;
    }
    await this.checkTopics(kafka, [...byTopic.keys()]);
    await this.faults.reach('relay.before-send');
    await producer.sendBatch({ acks: -1, topicMessages: [...byTopic].map(([topic, messages]) => ({ topic, messages })) });
    countRelayed(this.service.name, count);
    if (this.config.values.LOG_MESSAGES) this.logMessages(byTopic);
    await this.faults.reach('relay.after-send');
    return moved;
  }

  private logMessages(byTopic: ReadonlyMap<string, readonly { value: string }[]>): void {
    for (const [topic, messages] of byTopic) {
      for (const { value } of messages) {
        const { type, subject, correlationid } = JSON.parse(value) as Record<string, string>;
        this.logger.log({ type, keyId: subject, topic, correlationId: correlationid }, 'published');
      }
    }
  }

  private async checkTopics(kafka: Kafka, topics: readonly string[]): Promise<void> {
    const unknown = topics.filter((topic) => !this.checkedTopics.has(topic));
    if (unknown.length === 0) return;
    await requirePartitions(kafka, unknown, this.service.partitions);
    for (const topic of unknown) this.checkedTopics.add(topic);
  }

  private async end(client: Client, producer: Producer): Promise<void> {
    const ended = await Promise.allSettled([client.end(), producer.disconnect()]);
    for (const end of ended)
      if (end.status === 'rejected') this.logger.debug({ reason: reasonOf(end.reason) }, 'a connection of the relay ended badly');
  }
}
