import { subscriptionEvents } from '@landfall/contracts';
import type { Order } from '../load/load.protocol';
import { Child } from '../system/child';
import type { Seen } from '../microsoft/marketplace';
import { BareInserts } from '../yardsticks/inserts';
import { rawKafka } from '../yardsticks/kafka';
import { Naive, type NaiveRound } from '../yardsticks/naive';
import { Landfall } from '../system/landfall';
import { stopped } from '../system/stopped';
import { acceptRound, type AcceptRound } from './accept';
import type { Use } from './cost';
import { idleUse, memoryOf } from './idle';
import { importAll } from './import';
import { Orders } from './orders';
import type { Plan } from './plan';
import { reconcile, replayFaults, type Reconciliation } from './reconcile';
import { repeated, type Marked } from './repeated';
import { coldStarts } from './starts';
import { killRound, killSeconds, type KillRound } from '../trouble/kill.round';
import { outageRound, outageSeconds, type OutageRound } from '../trouble/outage.round';
import { heldRate } from '../trouble/under.load';
import { spread } from '../report/figures';
import { measureSizes, type SizeRound } from '../sizes/sizes';
import { makeRelayTopic, relayRound, type RelayRound } from '../streams/relay.round';
import { Replay, type ReplayRound } from '../streams/replay.round';
import { webhookRound, type Ground, type WebhookRound } from './webhook.round';

/** All that a run has measured. */
export interface Measured {
  readonly services: readonly string[];
  readonly idle: Use;
  readonly memoryIdleMiB: Readonly<Record<string, number>>;
  readonly memoryLoadedMiB: Readonly<Record<string, number>>;
  readonly inserts: readonly number[];
  readonly kafka: readonly { readonly produced: number; readonly consumed: number }[];
  readonly naive: readonly Marked<NaiveRound>[];
  readonly accept: readonly AcceptRound[];
  readonly saturated: readonly Marked<WebhookRound>[];
  readonly atRates: readonly Marked<WebhookRound>[];
  readonly facts: readonly Marked<WebhookRound>[];
  readonly relay: readonly RelayRound[];
  readonly replay: readonly ReplayRound[];
  /** Null: not measured. */
  readonly trouble: { readonly kills: readonly KillRound[]; readonly outage: OutageRound } | null;
  /** Null: not measured. */
  readonly sizes: readonly SizeRound[] | null;
  readonly coldStartSeconds: Readonly<Record<string, number>> | null;
  readonly reconciliation: Reconciliation;
}

/** Webhooks, or messages, that come before anything is measured. */
const warmUp = 200;

type Say = (line: string) => void;

/** Starts everything, makes the rounds of the plan, compares all ids, and stops everything. */
export async function measure(plan: Plan, say: Say, stop: AbortSignal): Promise<Measured> {
  const measured = await measureRounds(plan, say, stop);
  if (!plan.sizes) return { ...measured, sizes: null };
  const { sizes, faults } = await measureSizes(plan.sizes, say, stop);
  const { reconciliation } = measured;
  return { ...measured, sizes, reconciliation: { ...reconciliation, faults: [...reconciliation.faults, ...faults] } };
}

async function measureRounds(plan: Plan, say: Say, stop: AbortSignal): Promise<Omit<Measured, 'sizes'>> {
  const landfall = await Landfall.start(plan.subscriptions, say);
  const stops = [() => landfall.stop()];
  try {
    return await Promise.race([rounds(), stopped(stop)]);
  } finally {
    for (const end of stops.toReversed()) await end();
  }

  async function rounds(): Promise<Omit<Measured, 'sizes'>> {
    const load = Child.start('load/main');
    stops.push(() => load.stop());
    say(`Importing ${plan.subscriptions} subscriptions.`);
    await importAll(landfall, plan.subscriptions);
    const naive = await Naive.start(landfall, plan.subscriptions);
    stops.push(() => naive.stop());
    const inserts = new BareInserts(await landfall.databaseBeside('bare'));
    stops.push(() => inserts.close());
    await inserts.prepare();
    return new Bench(plan, say, stop, landfall, load, naive, inserts).run();
  }
}

class Bench {
  private readonly accepted: string[] = [];
  private readonly inTrouble: string[] = [];
  private readonly orders: Orders;
  private readonly naiveOrders: Orders;

  constructor(
    private readonly plan: Plan,
    private readonly say: Say,
    private readonly stop: AbortSignal,
    private readonly landfall: Landfall,
    private readonly load: Child,
    private readonly naive: Naive,
    private readonly bare: BareInserts,
  ) {
    this.orders = new Orders(plan.subscriptions);
    this.naiveOrders = new Orders(plan.subscriptions);
  }

  async run(): Promise<Omit<Measured, 'sizes'>> {
    const { plan, landfall } = this;
    this.tell('Measuring the idle system.');
    const idle = await idleUse(landfall, plan.idleMs);
    const memoryIdleMiB = memoryOf(landfall);
    const ground: Ground = { landfall, load: this.load, idle, accepted: this.accepted };
    await this.warmUp(ground);
    const [inserts, kafka, naive, accept, saturated]: [
      number[],
      Measured['kafka'][number][],
      Marked<NaiveRound>[],
      AcceptRound[],
      Marked<WebhookRound>[],
    ] = [[], [], [], [], []];
    for (let round = 1; round <= plan.rounds; round += 1) {
      this.tell(`Round ${round} of ${plan.rounds}: bare inserts, raw Kafka, the naive handler, the gateway alone, everything.`);
      inserts.push(await this.bare.perSecond(plan.inserts));
      kafka.push(await rawKafka(landfall.kafka.brokers, plan.kafkaMessages));
      naive.push(await this.repeated(() => this.naive.round(this.load, this.naiveOrders.changes(plan.naive), null)));
      accept.push(await acceptRound(ground, this.orders.changes(plan.accepted)));
      saturated.push(await this.webhooks(ground, (count) => this.orders.changes(count), plan.saturated, null));
    }
    const memoryLoadedMiB = memoryOf(landfall);
    const atRates: Marked<WebhookRound>[] = [];
    const facts: Marked<WebhookRound>[] = [];
    for (const { rate, webhooks } of plan.atRates) {
      this.tell(`${webhooks} changes and as many facts at ${rate}/s.`);
      atRates.push(await this.webhooks(ground, (count) => this.orders.changes(count), webhooks, rate));
      facts.push(await this.webhooks(ground, (count) => this.orders.facts(count), webhooks, rate));
    }
    const relay = await this.relay();
    const trouble = plan.isThorough ? await this.trouble({ ...ground, accepted: this.inTrouble }, saturated) : null;
    this.tell('Comparing all ids.');
    const compared = await reconcile(landfall, this.accepted, this.inTrouble, await landfall.stub.ask<Seen>({}));
    const coldStartSeconds = plan.isThorough ? await coldStarts(landfall) : null;
    const { replay, faults } = await this.replay();
    const reconciliation = { ...compared, faults: [...compared.faults, ...faults] };
    const measured = { inserts, kafka, naive, accept, saturated, atRates, facts, relay, replay, trouble };
    return { services: landfall.services, idle, memoryIdleMiB, memoryLoadedMiB, ...measured, coldStartSeconds, reconciliation };
  }

  private async relay(): Promise<RelayRound[]> {
    const { landfall, plan } = this;
    await makeRelayTopic(landfall);
    const rounds: RelayRound[] = [];
    for (let round = 1; round <= plan.rounds; round += 1) {
      this.tell(`Round ${round} of ${plan.rounds}: kafkajs sends ${plan.relayed} messages, and the relay does.`);
      rounds.push(await relayRound(landfall, plan.relayed));
    }
    return rounds;
  }

  private async trouble(ground: Ground, saturated: readonly WebhookRound[]): Promise<Measured['trouble']> {
    const { landfall, plan, orders } = this;
    const { median } = spread(saturated.map(({ donePerSecond }) => donePerSecond));
    const kills: KillRound[] = [];
    for (const service of landfall.services) {
      this.tell(`Killing ${service} under load.`);
      kills.push(await killRound(ground, orders, service, heldRate(median, plan.subscriptions, killSeconds)));
    }
    this.tell('Taking the broker away for a minute, under load.');
    return { kills, outage: await outageRound(ground, orders, heldRate(median, plan.subscriptions, outageSeconds)) };
  }

  /** The last part: the services that are killed for it would not know what to do with what it has published. */
  private async replay(): Promise<{ replay: ReplayRound[]; faults: string[] }> {
    const { landfall, plan, orders } = this;
    const replay = await Replay.begin(landfall, orders);
    await replay.round(Math.min(warmUp, plan.replayed)); // it may have been started a moment ago
    const rounds: ReplayRound[] = [];
    for (let round = 1; round <= plan.rounds; round += 1) {
      this.tell(`Round ${round} of ${plan.rounds}: kafkajs takes ${plan.replayed} messages, and the subscription service does.`);
      rounds.push(await replay.round(plan.replayed));
    }
    await landfall.events.hasRead(await landfall.topics.countOf(subscriptionEvents.name));
    return { replay: rounds, faults: replayFaults(landfall, replay.operationIds) };
  }

  /** Code is compiled and connections are open before anything is measured. */
  private async warmUp(ground: Ground): Promise<void> {
    const count = Math.min(warmUp, this.plan.subscriptions);
    await this.naive.round(this.load, this.naiveOrders.changes(count), null);
    await webhookRound(ground, this.orders.changes(count), null);
  }

  private webhooks(ground: Ground, orders: (count: number) => Order[], count: number, rate: number | null): Promise<Marked<WebhookRound>> {
    return this.repeated(() => webhookRound(ground, orders(count), rate));
  }

  private repeated<T extends { readonly foreign: number; readonly stolen: number }>(round: () => Promise<T>): Promise<Marked<T>> {
    this.stop.throwIfAborted();
    return repeated(round, this.plan.isThorough);
  }

  private tell(line: string): void {
    this.stop.throwIfAborted();
    this.say(line);
  }
}
