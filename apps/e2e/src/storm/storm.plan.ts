import type { Opinion } from '../example-product.endpoint';
import type { OfferKind } from './offers';
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
  /** What the product says of a change, where it is asked. */
  opinion?: Opinion;
}

/** What an operator decides about a purchase that waits for it. */
export interface Decision {
  atMs: number;
  /** Place in the list of purchases. */
  subscription: number;
  decision: 'approval' | 'rejection';
}

/** Something that breaks, and for how long. `kill` is SIGKILL and a start after that time, `freeze` SIGSTOP and SIGCONT. */
export interface Fault {
  atMs: number;
  part: string;
  how: 'kill' | 'freeze';
  forMs: number;
}

export interface Purchase {
  offer: OfferKind;
  planId: string;
  quantity: number;
}

export interface StormPlan {
  purchases: Purchase[];
  acts: Act[];
  /** One for each purchase that waits for it, oldest first. */
  decisions: Decision[];
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

/** Half of the changes of what the product is asked about are allowed, so that they may go wrong in some other way. */
const opinionWeights: Record<Opinion, number> = { allows: 5, vetoes: 2, 'is-slow': 1, 'is-silent': 1, lies: 1 };

/** All that happens in a storm, from its seed alone. */
export function planStorm(seed: number, scale: StormScale, services: readonly string[]): StormPlan {
  // a stream for each, so that a longer list of one leaves the others as they are
  const stream = (number: number) => new SeededRandom(seed * 8 + number);
  const [random, offers, opinions] = [stream(1), stream(5), stream(6)];
  const purchases = Array.from({ length: scale.subscriptions }, () => ({
    ...{ planId: random.pick(plans), quantity: quantityFrom(random) },
    offer: offers.weighted(scale.offers),
  }));
  const endMs = scale.minutes * 60_000;
  return {
    purchases,
    acts: actsUntil(endMs, scale, stream(2)).map((act) => (isChange(act) ? { ...act, opinion: opinions.weighted(opinionWeights) } : act)),
    decisions: decisionsUntil(endMs, purchases, stream(7)),
    faults: {
      services: faultsUntil(endMs, scale, scale.serviceFaultMs, services, stream(3)),
      foundations: faultsUntil(endMs, scale, scale.foundationFaultMs, ['kafka', 'postgres'], stream(4)),
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

const isChange = ({ kind }: Act): boolean => kind === 'change-plan' || kind === 'change-quantity';

function decisionsUntil(endMs: number, purchases: readonly Purchase[], random: SeededRandom): Decision[] {
  const waiting = purchases.flatMap(({ offer }, subscription) => (offer === 'reviewed' ? [subscription] : []));
  const first = random.between(0, 2);
  const decisions = waiting.map((subscription, index): Decision => ({
    atMs: random.between(0, endMs),
    subscription,
    decision: (first + index) % 3 === 0 ? 'rejection' : 'approval', // of any three of them one is rejected
  }));
  return decisions.sort((one, other) => one.atMs - other.atMs);
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
