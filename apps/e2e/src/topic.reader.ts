import { randomUUID } from 'node:crypto';
import type { KafkaLogin } from '@landfall/local';
import { Kafka, logLevel, type Consumer } from 'kafkajs';
import {
  decodeMessage,
  provisioningRequests,
  subscriptionEvents,
  subscriptionSnapshots,
  tenantRequested,
  topics,
  webhookReceived,
  type Message,
  type Topic,
} from '@landfall/contracts';

/** Reads every topic of the system from the beginning, as any product could, and keeps what it read. */
export class TopicReader {
  private readonly kafka: Kafka;
  private readonly consumer: Consumer;
  /** The next offset to be read, by topic and partition. */
  private readonly positions = new Map<string, bigint>();
  private readonly messages: { topic: string; message: Message }[] = [];
  /** The bytes as they are on the broker, to look for what must not be there. */
  readonly raw: string[] = [];
  /** What no contract allows: nothing of ours, unless a test has put it there. */
  readonly broken: string[] = [];

  /** @param read left out: all topics of the system */
  constructor(
    login: KafkaLogin,
    private readonly read: readonly Topic[] = topics,
  ) {
    this.kafka = new Kafka({ ...login, clientId: 'e2e', logLevel: logLevel.NOTHING });
    this.consumer = this.kafka.consumer({ groupId: `e2e-${randomUUID()}`, maxWaitTimeInMs: 500 }); // a stop waits for the fetch that is under way
  }

  async start(): Promise<void> {
    const byName = new Map(this.read.map((topic) => [topic.name, topic]));
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: [...byName.keys()], fromBeginning: true });
    await this.consumer.run({
      eachMessage: async ({ topic, partition, message: { value, offset } }) => {
        this.raw.push(String(value));
        const decoded = decodeMessage(byName.get(topic)!, value);
        if (decoded.kind === 'message') this.messages.push({ topic, message: decoded.message });
        else this.broken.push(`${topic} carries what its contract does not allow: ${JSON.stringify(decoded)}`);
        this.positions.set(`${topic}/${partition}`, BigInt(offset) + 1n);
      },
    });
  }

  async stop(): Promise<void> {
    await this.consumer.disconnect();
  }

  /** Whether it has read all that was on the topics when this was asked. */
  async hasReadAll(): Promise<boolean> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      const ends = await Promise.all(this.read.map(async ({ name }) => ({ name, partitions: await admin.fetchTopicOffsets(name) })));
      return ends.every(({ name, partitions }) =>
        partitions.every(({ partition, high, low }) => BigInt(high) <= (this.positions.get(`${name}/${partition}`) ?? BigInt(low))),
      );
    } finally {
      await admin.disconnect();
    }
  }

  /** The public events of a subscription in the order of the topic, with those that came more than once. */
  repeatedEvents(subscriptionId: string): Message[] {
    return this.of(subscriptionEvents.name, subscriptionId);
  }

  /** The public events of a subscription, each once, as a product that drops repeated ids sees them. */
  events(subscriptionId: string): Message[] {
    const seen = new Map(this.of(subscriptionEvents.name, subscriptionId).map((message) => [message.id, message]));
    return [...seen.values()];
  }

  /** Their kinds alone: `purchased`, `confirmed` … */
  kinds(subscriptionId: string): string[] {
    return this.events(subscriptionId).map(({ type }) => type.replace(/^landfall\.subscription\.|\.v1$/g, ''));
  }

  /** The same without `updated`, which may follow where an explanation comes later than what it explains (rule 13). */
  kindsWithoutUpdates(subscriptionId: string): string[] {
    return this.kinds(subscriptionId).filter((kind) => kind !== 'updated');
  }

  snapshot(subscriptionId: string): Message | undefined {
    return this.of(subscriptionSnapshots.name, subscriptionId).reduce<Message | undefined>(
      (newest, message) => (newest && newest.sequence! > message.sequence! ? newest : message),
      undefined,
    );
  }

  /** The snapshot that a product reads last: it takes what lies last on a compacted topic. */
  lastSnapshot(subscriptionId: string): Message | undefined {
    return this.of(subscriptionSnapshots.name, subscriptionId).at(-1);
  }

  /** The ids under which the product was asked for a tenant, each once: a repetition has the id of the first. */
  tenantRequests(subscriptionId: string): string[] {
    const asked = this.of(provisioningRequests.name, subscriptionId).filter(({ type }) => type === tenantRequested.type);
    return [...new Set(asked.map(({ data }) => String((data as Record<string, unknown>)['requestId'])))];
  }

  /** The subscriptions that the snapshots, the newest of each, show with this access: who has what, as products see it. */
  subscriptionsWith(access: string): string[] {
    const ids = new Set(this.messages.filter(({ topic }) => topic === subscriptionSnapshots.name).map(({ message }) => message.key));
    return [...ids].filter((id) => (this.snapshot(id)?.data as { access: string }).access === access).toSorted();
  }

  /** All that the webhook of an operation led to, on any topic: each message once, its own first. */
  causedBy(operationId: string): Message[] {
    const isWebhook = ({ type, data }: Message) =>
      type === webhookReceived.type && (data as { operationId: string }).operationId === operationId;
    const webhook = this.messages.find(({ message }) => isWebhook(message))?.message;
    if (!webhook) return [];
    const caused = this.messages.filter(({ message }) => message.correlationId === webhook.correlationId);
    return [...new Map([webhook, ...caused.map(({ message }) => message)].map((message) => [message.id, message])).values()];
  }

  of(topicName: string, key: string): Message[] {
    return this.messages.filter(({ topic, message }) => topic === topicName && message.key === key).map(({ message }) => message);
  }
}
