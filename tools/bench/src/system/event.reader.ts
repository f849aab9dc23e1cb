import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Kafka, logLevel, type Consumer } from 'kafkajs';
import { subscriptionEvents } from '@landfall/contracts';

interface PublicEvent {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly sequence: number;
  readonly data: { readonly cause?: { readonly operationId?: string | null } };
}

/** What was published of one operation. */
export interface Published {
  /** When its first event was read. */
  readonly atMs: number;
  /** Of all its events, such as `plan-changed`. */
  readonly types: string[];
}

/** It tells when an event was there: it must not be later than the services themselves are after an outage of the broker. */
const soonBack = { connectionTimeout: 1_000, requestTimeout: 5_000, retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 8 } };
const readLimitMs = 60_000;

const nameOf = (type: string): string => type.replace(/^landfall\.subscription\.|\.v1$/g, '');

/** Reads the public events as a product does, and keeps when each operation's event came. */
export class EventReader {
  private readonly kafka: Kafka;
  private consumer: Consumer;
  private readonly lastSequence = new Map<string, number>();
  private readonly seen = new Set<string>();
  /** By partition, the offset that is read next: after a broker was away this reader begins a little earlier, and the topic has nothing twice for that. */
  private readonly positions = new Map<number, bigint>();
  readonly byOperation = new Map<string, Published>();
  /** Events that came again with the same id: readers drop them. */
  repeated = 0;
  /** Events that came behind a later one of their subscription, or left out one before them. */
  readonly disorder: string[] = [];

  constructor(brokers: string) {
    this.kafka = new Kafka({ brokers: brokers.split(','), clientId: 'bench-reader', logLevel: logLevel.NOTHING, ...soonBack });
    this.consumer = this.newConsumer();
  }

  private newConsumer(): Consumer {
    return this.kafka.consumer({ groupId: `bench-${randomUUID()}`, maxWaitTimeInMs: 20 });
  }

  async start(): Promise<void> {
    await this.consumer.connect();
    await this.consumer.subscribe({ topic: subscriptionEvents.name, fromBeginning: true });
    await this.consumer.run({
      eachMessage: async ({ partition, message: { value, offset } }) => {
        if (BigInt(offset) < (this.positions.get(partition) ?? 0n)) return;
        this.positions.set(partition, BigInt(offset) + 1n);
        this.take(JSON.parse(String(value)) as PublicEvent, performance.timeOrigin + performance.now());
      },
    });
  }

  /** Reads nothing for a while, so that it takes no part of the machine. */
  pause(): void {
    this.consumer.pause([{ topic: subscriptionEvents.name }]);
  }

  resume(): void {
    this.consumer.resume([{ topic: subscriptionEvents.name }]);
  }

  /** Resolves when it has read so many messages in all, of which some may have come twice. @throws Error after a minute */
  async hasRead(messages: number): Promise<void> {
    for (const endMs = Date.now() + readLimitMs; this.seen.size + this.repeated < messages; await wait(100))
      if (Date.now() > endMs) throw new Error(`The reader has ${this.seen.size + this.repeated} of ${messages} public events.`);
  }

  stop(): Promise<void> {
    return this.consumer.disconnect();
  }

  /** Reads on in a new group: after an outage the broker would wait half a minute for the member of the old one. */
  async startAnew(): Promise<void> {
    void this.consumer.disconnect().catch(() => undefined);
    this.consumer = this.newConsumer();
    await this.start();
  }

  private take({ id, type, subject, sequence, data }: PublicEvent, atMs: number): void {
    if (this.seen.has(id)) {
      this.repeated += 1;
      return;
    }
    this.seen.add(id);
    const last = this.lastSequence.get(subject) ?? 0;
    if (sequence !== last + 1) this.disorder.push(`${type} of ${subject} has sequence ${sequence} and came after ${last}`);
    this.lastSequence.set(subject, Math.max(last, sequence));
    const operationId = data.cause?.operationId;
    if (!operationId) return;
    const known = this.byOperation.get(operationId);
    if (known) known.types.push(nameOf(type));
    else this.byOperation.set(operationId, { atMs, types: [nameOf(type)] });
  }
}
