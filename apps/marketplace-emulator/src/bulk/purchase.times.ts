import { later, parseDuration, type Duration } from '../time/duration';
import { subscriptionKinds, type BulkRequest, type SubscriptionKind } from './bulk.request';
import type { SeededGenerator } from './seeded.generator';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** A purchase waits thirty days for its activation, a suspension as long for the payment (contract 5.2). */
export const graceMs = 30 * dayMs;

export interface PurchaseTime {
  kind: SubscriptionKind;
  createdMs: number;
}

/** How many of each kind: exactly by the mix, fractions rounded so that the sum is right. */
export function countsOf({ count, mix }: Pick<BulkRequest, 'count' | 'mix'>): Record<SubscriptionKind, number> {
  const total = subscriptionKinds.reduce((sum, kind) => sum + (mix[kind] ?? 0), 0);
  const counts = { pending: 0, subscribed: 0, suspended: 0, unsubscribed: 0 };
  let [weightSoFar, countSoFar] = [0, 0];
  for (const kind of subscriptionKinds) {
    weightSoFar += mix[kind] ?? 0;
    counts[kind] = Math.round((count * weightSoFar) / total) - countSoFar;
    countSoFar += counts[kind];
  }
  return counts;
}

/**
 * The purchases in their order. Each kind is spread evenly over the time in which it can have been bought: what still waits for its
 * activation, over the last thirty days.
 */
export function* purchaseTimes(
  request: BulkRequest,
  nowMs: number,
  generatorOf: (number: number) => SeededGenerator,
): Generator<PurchaseTime> {
  const counts = countsOf(request);
  const startMs = earlier(nowMs, parseDuration(request.createdWithin) as Duration);
  const windows: Record<SubscriptionKind, [number, number]> = {
    pending: [Math.max(startMs, nowMs - graceMs + hourMs), nowMs],
    subscribed: [startMs, nowMs],
    suspended: [startMs, nowMs - Math.min(dayMs, (nowMs - startMs) / 2)],
    unsubscribed: [startMs, nowMs - Math.min(hourMs, (nowMs - startMs) / 2)],
  };
  const made = { pending: 0, subscribed: 0, suspended: 0, unsubscribed: 0 };
  let number = 0;
  const next = (kind: SubscriptionKind): PurchaseTime | undefined => {
    if (made[kind] === counts[kind]) return undefined;
    const [fromMs, toMs] = windows[kind];
    const place = (made[kind]++ + generatorOf(number++).next()) / counts[kind];
    return { kind, createdMs: Math.floor(fromMs + place * (toMs - fromMs)) };
  };
  const upcoming = subscriptionKinds.map(next).filter((time) => time !== undefined);
  while (upcoming.length > 0) {
    const first = upcoming.reduce((one, other) => (other.createdMs < one.createdMs ? other : one));
    yield first;
    const following = next(first.kind);
    upcoming.splice(upcoming.indexOf(first), 1, ...(following ? [following] : []));
  }
}

function earlier(atMs: number, { months, ms }: Duration): number {
  return later(atMs, { months: -months, ms: -ms });
}
