import { fulfillmentEvents, subscriptionEvents } from '@landfall/contracts';
import type { Orders } from '../rounds/orders';
import { readCpu } from '../measure/cpu';
import type { Landfall } from '../system/landfall';
import { consumeAndProduce, producing } from '../yardsticks/kafka';
import { arriving } from './arriving';
import { ReplayMessages, type Prepared } from './replay.messages';

const service = 'subscription';
/** A service that is halted for half a minute is started anew. */
const haltLimitMs = 25_000;
/** The event, the snapshot, the decision, and the closing read that is ordered. */
const publishedForEach = 4;
const chunk = 500;

export interface ReplayRound {
  /** Messages in a second that the service takes, decides, keeps, and of which it has published the public event. */
  readonly replayed: number;
  /** Messages in a second that kafkajs alone takes, sending as many for each as the service does; and that it sends. */
  readonly consumedAndProduced: number;
  /** Of the service and of Postgres, for one message. */
  readonly cpuUs: number;
}

/** Lets the subscription service alone take what has been prepared while it was halted. The other services are killed before the first round, and do not come back. */
export class Replay {
  private readonly messages = new ReplayMessages();
  readonly operationIds: string[] = [];

  private constructor(
    private readonly landfall: Landfall,
    private readonly orders: Orders,
  ) {}

  static async begin(landfall: Landfall, orders: Orders): Promise<Replay> {
    for (const name of landfall.services.filter((other) => other !== service)) await landfall.system.kill(name);
    return new Replay(landfall, orders);
  }

  async round(count: number): Promise<ReplayRound> {
    const { landfall } = this;
    const consumedAndProduced = await consumeAndProduce(landfall.kafka.brokers, count, publishedForEach);
    const prepared = this.prepare(count);
    const arrived = arriving(landfall.topics, subscriptionEvents.name, count);
    await arrived.begins();
    const watched = landfall.watched();
    landfall.events.pause();
    landfall.system.freeze(service);
    try {
      await this.send(prepared);
    } finally {
      landfall.system.thaw(service);
    }
    const before = readCpu(watched);
    const replayed = await arrived.perSecond();
    const { seconds } = readCpu(watched);
    landfall.events.resume();
    this.operationIds.push(...prepared.map(({ operationId }) => operationId));
    const used = [service, 'postgres'].reduce((sum, name) => sum + (seconds[name] ?? 0) - (before.seconds[name] ?? 0), 0);
    return { replayed, consumedAndProduced, cpuUs: (used * 1_000_000) / count };
  }

  private prepare(count: number): Prepared[] {
    const prepared: Prepared[] = [];
    while (prepared.length < count)
      prepared.push(...this.messages.of(this.orders.facts(Math.min(count - prepared.length, this.orders.subscriptions))));
    return prepared;
  }

  /** @throws Error where it takes so long that the service would be started anew, and not go on */
  private async send(prepared: readonly Prepared[]): Promise<void> {
    const limitMs = performance.now() + haltLimitMs;
    await producing(this.landfall.kafka.brokers, async (producer) => {
      for (let sent = 0; sent < prepared.length; sent += chunk) {
        if (performance.now() > limitMs) throw new Error(`${prepared.length} messages could not be prepared in ${haltLimitMs / 1_000} s.`);
        await producer.send({ topic: fulfillmentEvents.name, acks: -1, messages: prepared.slice(sent, sent + chunk) });
      }
    });
  }
}
