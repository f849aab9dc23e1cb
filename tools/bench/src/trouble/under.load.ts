import { subscriptionEvents } from '@landfall/contracts';
import type { LoadResult, Order } from '../load/load.protocol';
import { untilQuiet } from '../rounds/quiet';
import { requestOf, type Ground } from '../rounds/webhook.round';

/** Before anything breaks, the load runs so long. */
export const beforeMs = 5_000;
/** As Microsoft does it after minutes. */
const repeatedAfterMs = 1_000;
const drainLimitMs = 600_000;

/** Webhooks in a second that hold while something is broken, and afterwards everything is caught up: half of what was done saturated, and no subscription twice. */
export function heldRate(donePerSecond: number, subscriptions: number, seconds: number): number {
  return Math.min(Math.max(donePerSecond / 2, 1), subscriptions / seconds);
}

/** Sends the orders at a rate, each again until it is answered 200, while something is broken, and waits until all that they cause is done. */
export async function underLoad<T>(ground: Ground, orders: readonly Order[], rate: number, trouble: () => Promise<T>) {
  const { landfall, load, accepted } = ground;
  await load.ask({ ...requestOf(landfall, `${landfall.system.run.gatewayUrl}/webhook`, orders, rate), repeatedAfterMs });
  const [result, met] = await Promise.all([load.ask<LoadResult>('go'), trouble()]);
  await untilQuiet(landfall, drainLimitMs);
  await landfall.events.hasRead(await landfall.topics.countOf(subscriptionEvents.name));
  accepted.push(...result.accepted);
  return { result, met };
}
