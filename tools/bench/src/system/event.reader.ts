import { randomUUID } from 'node:crypto';
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

const nameOf = (type: string): string => type.replace(/^landfall\.subscription\.|\.v1$/g, '');

/** Reads the public events as a product does, and keeps when each operation's event came. */
export class EventReader {
  private readonly consumer: Consumer;
  private readonly lastSequence = new Map<string, number>();
  private readonly seen = new Set<string>();
  readonly byOperation = new Map<string, Published>();
  /** Events that came again with the same id: readers drop them. */
  repeated = 0;
  /** Events that came behind a later one of their subscription, or left out one before them. */
  readonly disorder: string[] = [];

  constructor(brokers: string) {
    const kafka = new Kafka({ brokers: brokers.split(','), clientId: 'bench-reader', logLevel: logLevel.NOTHING });
    this.consumer = kafka.consumer({ groupId: `bench-${randomUUID()}`, maxWaitTimeInMs: 20 });
  }

  async start(): Promise<void> {
    await this.consumer.connect();
    await this.consumer.subscribe({ topic: subscriptionEvents.name, fromBeginning: true });
    await this.consumer.run({
      eachMessage: async ({ message: { value } }) =>
        this.take(JSON.parse(String(value)) as PublicEvent, performance.timeOrigin + performance.now()),
    });
  }

  stop(): Promise<void> {
    return this.consumer.disconnect();
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
