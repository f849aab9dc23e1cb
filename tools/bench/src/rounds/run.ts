import type { Order } from '../load/load.protocol';
import { Child } from '../system/child';
import type { Seen } from '../microsoft/marketplace';
import { BareInserts } from '../yardsticks/inserts';
import { rawKafka } from '../yardsticks/kafka';
import { Naive, type NaiveRound } from '../yardsticks/naive';
import { Landfall } from '../system/landfall';
import { acceptRound, type AcceptRound } from './accept';
import type { Use } from './cost';
import { idleUse, memoryOf } from './idle';
import { Orders } from './orders';
import type { Plan } from './plan';
import { untilQuiet } from './quiet';
import { reconcile, type Reconciliation } from './reconcile';
import { repeated, type Marked } from './repeated';
import { coldStarts } from './starts';
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
  readonly coldStartSeconds: Readonly<Record<string, number>> | null;
  readonly reconciliation: Reconciliation;
}

/** A sweep imports ten subscriptions at a time. */
const importLimitMs = 600_000;

type Say = (line: string) => void;

/** Starts everything, makes the rounds of the plan, compares all ids, and stops everything. */
export async function measure(plan: Plan, say: Say, stop: AbortSignal): Promise<Measured> {
  const landfall = await Landfall.start(plan.subscriptions, say);
  const stops = [() => landfall.stop()];
  const stopped = new Promise<never>((_, reject) => stop.addEventListener('abort', () => reject(new Error('stopped')), { once: true }));
  try {
    return await Promise.race([rounds(), stopped]);
  } finally {
    for (const end of stops.toReversed()) await end();
  }

  async function rounds(): Promise<Measured> {
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

/** What was sold is taken over as any sweep takes over what nobody has announced. The first one would begin after its interval, which is longer than the run. */
async function importAll(landfall: Landfall, subscriptions: number): Promise<void> {
  const endMs = Date.now() + importLimitMs;
  await landfall.counters.query('update fulfillment.reconciliation_schedules set due_at = now()');
  for (;;) {
    await untilQuiet(landfall, importLimitMs);
    const [row] = await landfall.counters.query<{ count: string }>('select count(*) from subscription.subscriptions');
    if (Number(row!.count) === subscriptions) return;
    if (Date.now() > endMs) throw new Error(`Only ${row!.count} of ${subscriptions} subscriptions were imported.`);
  }
}

class Bench {
  private readonly accepted: string[] = [];
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

  async run(): Promise<Measured> {
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
    this.tell('Comparing all ids.');
    const reconciliation = await reconcile(landfall, this.accepted, await landfall.stub.ask<Seen>({}));
    const coldStartSeconds = plan.isThorough ? await coldStarts(landfall) : null;
    const measured = { inserts, kafka, naive, accept, saturated, atRates, facts };
    return { services: landfall.services, idle, memoryIdleMiB, memoryLoadedMiB, ...measured, coldStartSeconds, reconciliation };
  }

  /** Code is compiled and connections are open before anything is measured. */
  private async warmUp(ground: Ground): Promise<void> {
    const count = Math.min(200, this.plan.subscriptions);
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
