import { Child } from '../system/child';
import { Landfall } from '../system/landfall';
import { stopped } from '../system/stopped';
import type { Seen } from '../microsoft/marketplace';
import { noIdleUse } from '../rounds/cost';
import { idleUse } from '../rounds/idle';
import { importAll } from '../rounds/import';
import { Orders } from '../rounds/orders';
import { reconcile } from '../rounds/reconcile';
import { webhookRound, type WebhookRound } from '../rounds/webhook.round';
import { fillTo } from './fill';

export interface SizesPlan {
  /** Numbers of subscriptions, ascending. */
  readonly subscriptions: readonly number[];
  /** Changes at each size, each of another subscription, and the same ones at every size. */
  readonly webhooks: number;
  readonly rate: number;
  readonly idleMs: number;
}

export interface SizeRound {
  readonly subscriptions: number;
  readonly round: WebhookRound;
  /** Cores that the services and Postgres take while nothing happens. */
  readonly idleCores: number;
}

/** What the same changes cost in a system of its own with ever more subscriptions. */
export async function measureSizes(
  { subscriptions, webhooks, rate, idleMs }: SizesPlan,
  say: (line: string) => void,
  stop: AbortSignal,
): Promise<{ sizes: SizeRound[]; faults: readonly string[] }> {
  const landfall = await Landfall.start(webhooks, say);
  const load = Child.start('load/main');
  try {
    return await Promise.race([rounds(), stopped(stop)]);
  } finally {
    await load.stop();
    await landfall.stop();
  }

  async function rounds(): Promise<{ sizes: SizeRound[]; faults: readonly string[] }> {
    await importAll(landfall, webhooks);
    const [orders, accepted, sizes]: [Orders, string[], SizeRound[]] = [new Orders(webhooks), [], []];
    for (const size of subscriptions) {
      stop.throwIfAborted();
      say(`${webhooks} changes at ${rate}/s with ${size} subscriptions.`);
      const ground = { landfall, load, accepted };
      if (size === subscriptions[0]) await webhookRound({ ...ground, idle: noIdleUse }, orders.changes(webhooks), rate); // as warm as at the others
      await fillTo(landfall.counters, size);
      const idle = await idleUse(landfall, idleMs);
      const round = await webhookRound({ ...ground, idle }, orders.changes(webhooks), rate);
      const cores = [...landfall.services, 'postgres'].reduce((sum, name) => sum + (idle.cpu.seconds[name] ?? 0), 0);
      sizes.push({ subscriptions: size, round, idleCores: cores / idle.cpu.elapsedSeconds });
    }
    const { faults } = await reconcile(landfall, accepted, [], await landfall.stub.ask<Seen>({}));
    return { sizes, faults };
  }
}
