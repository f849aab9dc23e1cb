import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { decodeMessage, subscriptionEvents, type MessageOf } from '@landfall/contracts';
import { kafkaClient } from '../kafka/kafka.client';

type PublicEvent = MessageOf<typeof subscriptionEvents>;

const eventLimitMs = 60_000;
const lookIntervalMs = 50;

/** Reads the public topic as a product of the company does, and tells of each event about one subscription once. */
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
    await this.consumer.subscribe({ topic: subscriptionEvents.name, fromBeginning: true });
    await this.consumer.run({
      eachMessage: async ({ message }) => {
        const decoded = decodeMessage(subscriptionEvents, message.value);
        if (decoded.kind === 'message') this.take(decoded.message);
      },
    });
  }

  follow(subscriptionId: string): void {
    this.subscriptionId = subscriptionId;
  }

  /** Resolves when the event was told: `activated`, `plan-changed` … */
  async until(kind: string): Promise<void> {
    const isThere = () => [...this.seen.values()].some(({ type }) => type === `landfall.subscription.${kind}.v1`);
    for (const until = Date.now() + eventLimitMs; !isThere(); await wait(lookIntervalMs)) {
      if (Date.now() > until)
        throw new Error(
          `landfall.subscription.${kind}.v1 did not come within ${eventLimitMs / 1000} s. .landfall/logs/system.log may say why.`,
        );
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
