import type { Opinion } from '../example-product.endpoint';
import { planFaults, type Faults } from './fault.plan';
import { plans, type OfferKind } from './sold';
import { SeededRandom } from './seeded.random';
import type { ActKind, StormScale } from './storm.scale';

/** Every plan on sale allows so many seats. */
const seats = { least: 10, most: 90 };

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

/** Something that we ask of Microsoft, by a REST endpoint of ours. */
export interface Request {
  atMs: number;
  /** Place in the list of purchases. */
  subscription: number;
  kind: 'plan-changes' | 'quantity-changes' | 'cancellations';
  body: { planId?: string; quantity?: number };
}

export interface Purchase {
  offer: OfferKind;
  planId: string;
  quantity: number;
}

export interface StormPlan {
  purchases: Purchase[];
  acts: Act[];
  requests: Request[];
  /** One for each purchase that waits for it, oldest first. */
  decisions: Decision[];
  faults: Faults;
  /** When an operator asks for a sweep over Microsoft's lists, beside the last one. */
  sweepsMs: number[];
}

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
    requests: requestsUntil(endMs, scale, stream(0)),
    faults: planFaults(endMs, scale, services, { services: stream(3), foundations: stream(4) }),
    sweepsMs: Array.from({ length: scale.sweepsMeanwhile }, (_, index) => (endMs * (index + 1)) / (scale.sweepsMeanwhile + 1)),
  };
}

function actsUntil(endMs: number, { subscriptions, betweenActsMs, acts: weights }: StormScale, random: SeededRandom): Act[] {
  const acts: Act[] = [];
  const wait = () => random.between(betweenActsMs.least, betweenActsMs.most);
  for (let atMs = wait(); atMs < endMs; atMs += wait()) {
    const [subscription, kind] = [random.between(0, subscriptions - 1), random.weighted(weights)];
    const [planId, quantity] = [random.pick(plans), quantityFrom(random)];
    acts.push({ atMs, subscription, kind, body: kind === 'change-plan' ? { planId } : kind === 'change-quantity' ? { quantity } : {} });
  }
  return acts;
}

/** Cancellations are as rare as other ends. */
const requestWeights: Record<Request['kind'], number> = { 'plan-changes': 50, 'quantity-changes': 50, cancellations: 2 };

function requestsUntil(endMs: number, { subscriptions, betweenRequestsMs }: StormScale, random: SeededRandom): Request[] {
  const requests: Request[] = [];
  const wait = () => random.between(betweenRequestsMs.least, betweenRequestsMs.most);
  for (let atMs = wait(); atMs < endMs; atMs += wait()) {
    const [subscription, kind] = [random.between(0, subscriptions - 1), random.weighted(requestWeights)];
    const [planId, quantity] = [random.pick(plans), quantityFrom(random)];
    const body = kind === 'plan-changes' ? { planId } : kind === 'quantity-changes' ? { quantity } : {};
    requests.push({ atMs, subscription, kind, body });
  }
  return requests;
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

function quantityFrom(random: SeededRandom): number {
  return random.between(seats.least, seats.most);
}
