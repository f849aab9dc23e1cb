import { SeededRandom } from './seeded.random';
import type { StormScale } from './storm.scale';

/** What is sold in a storm: an offer that is priced per seat, so that plan and quantity both change. */
export const plans = ['silver', 'gold', 'platinum'] as const;

/** Every plan on sale allows so many seats. */
const seats = { least: 10, most: 90 };

/** `payment`: it fails for a subscription that is Subscribed, which is suspended, and comes in for one that is Suspended. */
export type ActKind = 'change-plan' | 'change-quantity' | 'payment' | 'renew' | 'unsubscribe';

/** Something that the customer or Microsoft does. Whether Microsoft agrees to it depends on how the subscription stands then. */
export interface Act {
  atMs: number;
  /** Place in the list of purchases. */
  subscription: number;
  kind: ActKind;
  body: { planId?: string; quantity?: number };
}

/** Something that breaks, and for how long. `kill` is SIGKILL and a start after that time, `freeze` SIGSTOP and SIGCONT. */
export interface Fault {
  atMs: number;
  part: string;
  how: 'kill' | 'freeze';
  forMs: number;
}

export interface Purchase {
  /** Place in the list of publishers. */
  publisher: number;
  planId: string;
  quantity: number;
}

export interface StormPlan {
  purchases: Purchase[];
  acts: Act[];
  /** Of copies of services, and of broker and database: two walks that know nothing of each other. None of one walk begins before the one before it has ended. */
  faults: { services: Fault[]; foundations: Fault[] };
}

/** An end is an end, so it is rare: most subscriptions shall live to the end of the storm. */
const actWeights: Record<ActKind, number> = {
  'change-plan': 30,
  'change-quantity': 30,
  payment: 32,
  renew: 6,
  unsubscribe: 1,
};

/** All that happens in a storm, from its seed alone. `publishers`: how many sell. */
export function planStorm(seed: number, scale: StormScale, services: readonly string[], publishers: number): StormPlan {
  // a stream for each, so that a longer list of one leaves the others as they are
  const [purchases, acts, serviceFaults, foundationFaults, sellers] = [1, 2, 3, 4, 5].map(
    (stream) => new SeededRandom(seed * 8 + stream),
  ) as [SeededRandom, SeededRandom, SeededRandom, SeededRandom, SeededRandom];
  const endMs = scale.minutes * 60_000;
  return {
    purchases: Array.from({ length: scale.subscriptions }, () => ({
      ...{ planId: purchases.pick(plans), quantity: quantityFrom(purchases) },
      publisher: sellers.between(0, publishers - 1),
    })),
    acts: actsUntil(endMs, scale, acts),
    faults: {
      services: faultsUntil(endMs, scale, scale.serviceFaultMs, services, serviceFaults),
      foundations: faultsUntil(endMs, scale, scale.foundationFaultMs, ['kafka', 'postgres'], foundationFaults),
    },
  };
}

function actsUntil(endMs: number, { subscriptions, betweenActsMs }: StormScale, random: SeededRandom): Act[] {
  const acts: Act[] = [];
  const wait = () => random.between(betweenActsMs.least, betweenActsMs.most);
  for (let atMs = wait(); atMs < endMs; atMs += wait()) {
    const [subscription, kind] = [random.between(0, subscriptions - 1), random.weighted(actWeights)];
    const [planId, quantity] = [random.pick(plans), quantityFrom(random)];
    acts.push({ atMs, subscription, kind, body: kind === 'change-plan' ? { planId } : kind === 'change-quantity' ? { quantity } : {} });
  }
  return acts;
}

function faultsUntil(
  endMs: number,
  { betweenFaultsMs }: StormScale,
  lasting: { least: number; most: number },
  parts: readonly string[],
  random: SeededRandom,
): Fault[] {
  const faults: Fault[] = [];
  const wait = () => random.between(betweenFaultsMs.least, betweenFaultsMs.most);
  for (let atMs = wait(); ; atMs += wait()) {
    const fault = { part: random.pick(parts), how: random.pick(['kill', 'freeze'] as const), forMs: skewedTowardsShort(lasting, random) };
    if (atMs + fault.forMs > endMs) return faults;
    faults.push({ atMs, ...fault });
    atMs += fault.forMs;
  }
}

/** Most faults are short, as in life; some last as long as they can. */
function skewedTowardsShort({ least, most }: { least: number; most: number }, random: SeededRandom): number {
  return Math.round(least + (most - least) * random.next() ** 2);
}

function quantityFrom(random: SeededRandom): number {
  return random.between(seats.least, seats.most);
}
