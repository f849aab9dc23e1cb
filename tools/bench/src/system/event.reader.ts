import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Kafka, logLevel, type Consumer } from 'kafkajs';
import { subscriptionEvents } from '@landfall/contracts';
import { plannedBy, subscriptionId, type Kind } from '../microsoft/operation.id';

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

/** What an operation leads to. */
export const eventOf: Readonly<Record<Kind, string>> = {
  ChangePlan: 'plan-changed',
  ChangeQuantity: 'quantity-changed',
  Suspend: 'suspended',
  Reinstate: 'reinstated',
};
const effects: ReadonlySet<string> = new Set(Object.values(eventOf));

const nameOf = (type: string): string => type.replace(/^landfall\.subscription\.|\.v1$/g, '');

/** Reads the public events as a product does, and keeps when each operation's event came. */
export class EventReader {
  private readonly consumer: Consumer;
  private readonly lastSequence = new Map<string, number>();
  private readonly seen = new Set<string>();
  /** By partition, the offset that is read next: after a broker was away this reader begins a little earlier, and the topic has nothing twice for that. */
  private readonly positions = new Map<number, bigint>();
  private readonly byOperation = new Map<string, Published>();
  /** By subscription, events of effects that name no operation: a read has shown what they tell. */
  private readonly unexplained = new Map<string, { readonly name: string; readonly atMs: number }[]>();
  /** Events that came again with the same id: readers drop them. */
  repeated = 0;
  /** Events that came behind a later one of their subscription, or left out one before them. */
  readonly disorder: string[] = [];

  constructor(brokers: string) {
    const kafka = new Kafka({ brokers: brokers.split(','), clientId: 'bench-reader', logLevel: logLevel.NOTHING, ...soonBack });
    this.consumer = kafka.consumer({ groupId: `bench-${randomUUID()}`, maxWaitTimeInMs: 20 });
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

  /**
   * What was published of an operation. One that Microsoft showed too late to be believed at once (rule 4) is told by the read that confirms it, which names no operation: the first
   * such event of its kind and subscription is taken for it, and for no other.
   */
  published(operationId: string): Published | undefined {
    const own = this.byOperation.get(operationId);
    const { kind, subscription, atMs: dueAtMs } = plannedBy(operationId);
    if (own?.types.includes(eventOf[kind])) return own;
    const open = this.unexplained.get(subscriptionId(subscription)) ?? [];
    const place = open.findIndex(({ name, atMs }) => name === eventOf[kind] && atMs >= dueAtMs);
    const [taken] = place < 0 ? [] : open.splice(place, 1);
    if (!taken) return own;
    const published = { atMs: taken.atMs, types: [...(own?.types ?? []), taken.name] };
    this.byOperation.set(operationId, published);
    return published;
  }

  /** Effects that were told and that no operation has been found for. */
  get strays(): string[] {
    return [...this.unexplained].flatMap(([subject, events]) => events.map(({ name }) => `${name} of ${subject} belongs to no webhook`));
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
    if (!operationId) {
      const name = nameOf(type);
      if (effects.has(name)) this.unexplained.set(subject, [...(this.unexplained.get(subject) ?? []), { name, atMs }]);
      return;
    }
    const known = this.byOperation.get(operationId);
    if (known) known.types.push(nameOf(type));
    else this.byOperation.set(operationId, { atMs, types: [nameOf(type)] });
  }
}
