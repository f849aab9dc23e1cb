import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { billingEvents, decodeMessage, subscriptionEvents, type MessageOf } from '@landfall/contracts';
import { kafkaClient } from '../kafka/kafka.client';

/** Of a subscription, or of its usage. */
export type PublicEvent = MessageOf<typeof subscriptionEvents> | MessageOf<typeof billingEvents>;

const topics = [subscriptionEvents.name, billingEvents.name];

const eventLimitMs = 60_000;
const lookIntervalMs = 50;

/** Reads the public topics as a product of the company does, and tells of each event about one subscription once. */
export class PublicEvents {
  private readonly groupId = `landfall-demo-${randomUUID()}`;
  private readonly kafka;
  private readonly consumer;
  private readonly seen = new Map<string, PublicEvent>();
  private subscriptionId = '';

  constructor(
    brokers: string,
    private readonly onEvent: (event: PublicEvent) => void,
  ) {
    this.kafka = kafkaClient(brokers);
    this.consumer = this.kafka.consumer({ groupId: this.groupId });
  }

  async start(): Promise<void> {
    await this.consumer.connect();
    await this.consumer.subscribe({ topics, fromBeginning: true });
    await this.consumer.run({
      eachMessage: async ({ topic, message }) => {
        const decoded =
          topic === billingEvents.name ? decodeMessage(billingEvents, message.value) : decodeMessage(subscriptionEvents, message.value);
        if (decoded.kind === 'message') this.take(decoded.message);
      },
    });
  }

  follow(subscriptionId: string): void {
    this.subscriptionId = subscriptionId;
  }

  /** Resolves when the event was told: `subscription.activated`, `billing.usage-counted` … */
  async until(kind: string): Promise<void> {
    const isThere = () => [...this.seen.values()].some(({ type, key }) => key === this.subscriptionId && type === `landfall.${kind}.v1`);
    for (const until = Date.now() + eventLimitMs; !isThere(); await wait(lookIntervalMs)) {
      if (Date.now() > until)
        throw new Error(`landfall.${kind}.v1 did not come within ${eventLimitMs / 1000} s. .landfall/logs/system.log may say why.`);
    }
  }

  /** Leaves no group behind on the broker. */
  async stop(): Promise<void> {
    await this.consumer.disconnect();
    const admin = this.kafka.admin();
    await admin.connect();
    await admin.deleteGroups([this.groupId]);
    await admin.disconnect();
  }

  private take(event: PublicEvent): void {
    if (event.key !== this.subscriptionId || this.seen.has(event.id)) return;
    this.seen.set(event.id, event);
    this.onEvent(event);
  }
}
