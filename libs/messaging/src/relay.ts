import { contentType } from '@landfall/contracts';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Kafka, Producer } from 'kafkajs';
import { Client, type ClientConfig } from 'pg';
import { DataSource } from 'typeorm';
import { kafkaClient } from './kafka.client';
import { requirePartitions } from './kafka.partitions';
import { CONFIG, SERVICE, type MessagingConfig, type ServiceIdentity } from './messaging.config';
import { countRelayed } from './metrics';
import { reasonOf } from './outage';
import { Outbox } from './outbox';
import { FAULT_POINTS, type FaultPoints } from './ports';
import { RelayLanes } from './relay.lanes';
import { Wakeup } from './wakeup';

/** Messages of one lane, and bytes of one lane and topic, in one send: a broker takes 1 MB per partition by default. */
const messagesPerLane = 200;
const bytesPerLane = 400 * 1024;
/** It looks this often after it has found something, and doubles up to this while it finds nothing. */
const pollMs = { fastest: 5, slowest: 100 };
const saveMs = 100;
const balanceMs = 1000;
const retryMs = { first: 100, longest: 2000 };
const connectMs = 5000;
/** How long a stop waits for the send that is under way. */
const stopMs = 5000;
/** A statement that takes longer means a connection that hangs. */
const statementMs = 10_000;

interface OutboxRow {
  readonly lane: number;
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly envelope: string;
}

/**
 * Publishes the outbox. It owns lanes, reads each behind its position, and has one send outstanding, so nothing overtakes. What was sent but not
 * noted is sent again after a crash: in order, and with the same ids. After any error it begins anew with a fresh connection and producer.
 */
@Injectable()
export class Relay {
  private readonly logger = new Logger('Relay');
  private readonly checkedTopics = new Set<string>();
  private readonly stopBell = new Wakeup();
  private running?: Promise<void>;
  private isStopping = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
    @Inject(SERVICE) private readonly service: ServiceIdentity,
    @Inject(CONFIG) private readonly config: MessagingConfig,
    @Inject(FAULT_POINTS) private readonly faults: FaultPoints,
  ) {}

  start(): void {
    if (this.running) return;
    this.isStopping = false;
    this.running = this.supervise();
  }

  /** Finishes the send that is under way and saves its positions, or leaves both to the next owner of its lanes where Kafka is away. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.stopBell.ring();
    this.outbox.messagesCommitted.ring();
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([this.running, new Promise((resolve) => (timer = setTimeout(resolve, stopMs)))]);
    clearTimeout(timer);
    this.running = undefined;
  }

  private async supervise(): Promise<void> {
    let pauseMs = retryMs.first;
    while (!this.isStopping) {
      const startedAt = performance.now();
      const client = new Client(this.connection());
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
        await this.publish(new RelayLanes(client, this.service.name), client, producer, kafka);
      } catch (error) {
        this.logger.warn({ reason: reasonOf(error) }, 'the relay begins anew');
      }
      await this.end(client, producer);
      if (performance.now() - startedAt > 10 * retryMs.longest) pauseMs = retryMs.first;
      if (!this.isStopping) await this.stopBell.wait(pauseMs);
      pauseMs = Math.min(pauseMs * 2, retryMs.longest);
    }
  }

  private async publish(lanes: RelayLanes, client: Client, producer: Producer, kafka: Kafka): Promise<void> {
    await client.query('set synchronous_commit = off'); // a lost position only sends again
    await lanes.join();
    let pauseMs = pollMs.fastest;
    let balanceAt = 0;
    let saveAt = performance.now() + saveMs;
    while (!this.isStopping) {
      if (performance.now() >= balanceAt) {
        await lanes.balance();
        balanceAt = performance.now() + balanceMs;
      }
      const rows = await this.read(client, lanes.positions);
      if (rows.length > 0) {
        lanes.advance(await this.send(rows, producer, kafka));
        pauseMs = pollMs.fastest;
      }
      if (lanes.hasUnsaved && performance.now() >= saveAt) {
        await this.faults.reach('relay.before-cursor');
        await lanes.save();
        saveAt = performance.now() + saveMs;
      }
      if (rows.length > 0) continue;
      await this.outbox.messagesCommitted.wait(pauseMs);
      pauseMs = Math.min(pauseMs * 2, pollMs.slowest);
    }
    await lanes.save();
  }

  private async read(client: Client, positions: ReadonlyMap<number, string>): Promise<OutboxRow[]> {
    if (positions.size === 0) return [];
    const { rows } = await client.query<OutboxRow>({
      name: 'read',
      text: `select o.lane, o.id, o.topic, o.key, o.envelope
               from unnest($1::smallint[], $2::bigint[]) as c (lane, position)
              cross join lateral (select * from ${this.service.name}.outbox where lane = c.lane and id > c.position order by id limit $3) as o`,
      values: [[...positions.keys()], [...positions.values()], messagesPerLane],
    });
    return rows;
  }

  /** Sends a run of every lane and gives how far each came. */
  private async send(rows: readonly OutboxRow[], producer: Producer, kafka: Kafka): Promise<Map<number, string>> {
    const byTopic = new Map<string, { key: string; value: string; partition: number; headers: { 'content-type': string } }[]>();
    const moved = new Map<number, string>();
    const bytes = new Map<number, number>();
    const headers = { 'content-type': contentType };
    let count = 0;
    for (const { lane, id, topic, key, envelope } of rows) {
      const laneBytes = (bytes.get(lane) ?? 0) + Buffer.byteLength(envelope);
      bytes.set(lane, laneBytes);
      if (laneBytes > bytesPerLane && moved.has(lane)) continue; // it stays full for the rest of this run, so no row of it is skipped
      let messages = byTopic.get(topic);
      if (!messages) byTopic.set(topic, (messages = []));
      messages.push({ key, value: envelope, partition: lane, headers });
      moved.set(lane, id);
      count++;
    }
    await this.checkTopics(kafka, [...byTopic.keys()]);
    await this.faults.reach('relay.before-send');
    await producer.sendBatch({ acks: -1, topicMessages: [...byTopic].map(([topic, messages]) => ({ topic, messages })) });
    countRelayed(this.service.name, count);
    if (this.config.values.LOG_MESSAGES) this.tell(byTopic);
    await this.faults.reach('relay.after-send');
    return moved;
  }

  private tell(byTopic: ReadonlyMap<string, readonly { value: string }[]>): void {
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
    await requirePartitions(kafka, unknown, this.service.lanes);
    for (const topic of unknown) this.checkedTopics.add(topic);
  }

  private async end(client: Client, producer: Producer): Promise<void> {
    const ended = await Promise.allSettled([client.end(), producer.disconnect()]);
    for (const end of ended)
      if (end.status === 'rejected') this.logger.debug({ reason: reasonOf(end.reason) }, 'a connection of the relay ended badly');
  }

  private connection(): ClientConfig {
    const { url, ssl } = this.dataSource.options as { url?: string; ssl?: ClientConfig['ssl'] };
    return {
      connectionString: url,
      ssl,
      application_name: `${this.service.name} relay`,
      keepAlive: true,
      connectionTimeoutMillis: connectMs,
      query_timeout: statementMs,
    };
  }
}
