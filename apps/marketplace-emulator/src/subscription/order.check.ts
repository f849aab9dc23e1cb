import type { Catalogue } from '../offers/catalogue';
import { isVisibleTo, isWithin, planOf, seatsText, type Offer, type Plan, type Seats, type TermUnit } from '../offers/offer';
import { isBadOrder, type BadOrder, type Order } from './order';

/** An order with everything decided that it left open. */
export interface CheckedOrder {
  offer: Offer;
  plan: Plan;
  /** Null at a flat rate. */
  quantity: number | null;
  termUnit: TermUnit;
  /** The limits that a private offer has put in the place of the plan's. */
  seats?: Seats;
}

/** Whether Microsoft's store would take the order, and what it would sell. Rules that depend on earlier purchases are not checked here. */
export function check(order: Order, catalogue: Catalogue): CheckedOrder | BadOrder {
  const offer = catalogue.offer(order.offerId);
  if (!offer) return bad('offerId', `There is no offer ${order.offerId}; there are ${ids(catalogue.offers, 'offerId')}.`);
  const channelProblem = order.channel === 'csp' ? refuseToReseller(order) : undefined;
  if (channelProblem) return channelProblem;
  const plan = choosePlan(offer, order);
  if (isBadOrder(plan)) return plan;
  const traitProblem = refuseTraits(offer, plan, order);
  if (traitProblem) return traitProblem;
  const seats = limitsIn(plan, order);
  const quantity = chooseQuantity(plan, seats, order.quantity);
  if (quantity !== null && typeof quantity === 'object') return quantity;
  const sold = plan.billingTerms.map((term) => term.termUnit);
  const termUnit = order.termUnit ?? (sold.includes('P1M') ? 'P1M' : (sold[0] as TermUnit));
  if (!sold.includes(termUnit)) return bad('termUnit', `Plan ${plan.planId} is sold for ${sold.join(', ')}, not for ${termUnit}.`);
  return { offer, plan, quantity, termUnit, ...(order.privateOffer?.seats && seats ? { seats } : {}) };
}

/** What the purchaser of this order can buy at all. */
function isSold(plan: Plan, { channel, beneficiary }: Order): boolean {
  return !plan.isStopSell && isVisibleTo(plan, beneficiary.tenantId) && !(plan.isPrivate && channel === 'csp');
}

/**
 * Contract 1.2: previews are not sold by resellers, and private offers of theirs change their price alone and leave no trace in the API.
 */
function refuseToReseller({ preview, privateOffer }: Order): BadOrder | undefined {
  if (preview) return bad('preview', 'The preview of an offer cannot be bought through a reseller (contract 1.2).');
  if (privateOffer)
    return bad('privateOffer', 'A private offer to a reseller leaves no trace in the API (contract 1.2): leave privateOffer out.');
  return undefined;
}

function choosePlan(offer: Offer, order: Order): Plan | BadOrder {
  const onSale = offer.plans.filter((plan) => isSold(plan, order));
  if (order.planId === undefined) return chooseAnyPlan(offer, onSale, order);
  const plan = planOf(offer, order.planId);
  if (!plan) return bad('planId', `Offer ${offer.offerId} has no plan ${order.planId}; it has ${ids(offer.plans, 'planId')}.`);
  if (plan.isStopSell) return bad('planId', `Plan ${plan.planId} is no longer sold.`);
  if (!isVisibleTo(plan, order.beneficiary.tenantId))
    return bad('planId', `Plan ${plan.planId} is private, and tenant ${order.beneficiary.tenantId} is not in its audience.`);
  if (!isSold(plan, order)) return bad('planId', `Plan ${plan.planId} is private and not sold by resellers (contract 1.2).`);
  if (order.autoActivate && !plan.isAutoActivated) {
    const automatic = ids(
      onSale.filter(({ isAutoActivated }) => isAutoActivated),
      'planId',
    );
    return bad('planId', `Plan ${plan.planId} is not activated automatically; of this offer ${automatic || 'none'} is.`);
  }
  if (order.autoActivate === false && plan.isAutoActivated) return bad('planId', `Plan ${plan.planId} is activated automatically.`);
  return plan;
}

/**
 * The offer's default plan if it fits, or else the first one that does. An automatically activated one is taken only where nothing else is
 * sold.
 */
function chooseAnyPlan(offer: Offer, onSale: Plan[], { autoActivate, trial }: Order): Plan | BadOrder {
  const fitting = onSale.filter((plan) => plan.isAutoActivated === (autoActivate ?? false) && (!trial || plan.hasFreeTrials));
  const plan = fitting.find(({ planId }) => planId === offer.defaultPlanId) ?? fitting[0];
  const last = autoActivate === undefined && !trial ? onSale[0] : undefined;
  return (
    plan ?? last ?? bad('planId', `Offer ${offer.offerId} sells this customer no plan of that kind; it has ${ids(offer.plans, 'planId')}.`)
  );
}

function refuseTraits(offer: Offer, plan: Plan, order: Order): BadOrder | undefined {
  if (order.trial && !plan.hasFreeTrials) {
    const free = ids(
      offer.plans.filter(({ hasFreeTrials }) => hasFreeTrials),
      'planId',
    );
    return bad('trial', `Plan ${plan.planId} has no free trial; of this offer ${free || 'none'} has one.`);
  }
  if (order.notStarted && plan.isAutoActivated) return bad('notStarted', `Plan ${plan.planId} is activated automatically.`);
  const pricesProblem = order.privateOffer && refusePrices(plan, order.privateOffer);
  if (pricesProblem) return pricesProblem;
  if (order.privateOffer?.seats && !plan.seats) return bad('privateOffer.seats', `Plan ${plan.planId} has a flat rate and no seats.`);
  const { min = 1, max = null } = order.privateOffer?.seats ?? {};
  return max !== null && max < min ? bad('privateOffer.seats', `max must not be below min, which is ${min}.`) : undefined;
}

/** A private offer has one price in the place of the plan's, and changes what the plan has alone (contract 1.2). */
function refusePrices(plan: Plan, agreed: NonNullable<Order['privateOffer']>): BadOrder | undefined {
  const { price, discountPercent, meteringDimensions = [], meteredQuantityIncluded = [] } = agreed;
  if (price !== undefined && discountPercent !== undefined)
    return bad('privateOffer.price', 'A private offer has a price or a discount, not both (contract 1.2).');
  const known = plan.meteringDimensions.map(({ id }) => id);
  const problem = (ids: string[]) => {
    const unknown = ids.find((id) => !known.includes(id));
    if (unknown !== undefined) return `Plan ${plan.planId} has no dimension ${unknown}; it has ${known.join(', ') || 'none'}.`;
    return new Set(ids).size < ids.length ? 'A dimension is named twice.' : undefined;
  };
  const ofPrices = problem(meteringDimensions.map(({ id }) => id));
  if (ofPrices) return bad('privateOffer.meteringDimensions', ofPrices);
  const ofIncluded = problem(meteredQuantityIncluded.map(({ dimensionId }) => dimensionId));
  return ofIncluded ? bad('privateOffer.meteredQuantityIncluded', ofIncluded) : undefined;
}

/** A private offer may bring limits of its own (contract 1.2). */
function limitsIn(plan: Plan, { privateOffer }: Order): Seats | undefined {
  const custom = privateOffer?.seats;
  return plan.seats && custom
    ? { min: custom.min ?? plan.seats.min, max: custom.max === undefined ? plan.seats.max : custom.max }
    : plan.seats;
}

function chooseQuantity(plan: Plan, seats: Seats | undefined, wanted: number | undefined): number | null | BadOrder {
  if (!seats) return wanted === undefined ? null : bad('quantity', `Plan ${plan.planId} has a flat rate: leave quantity out.`);
  const quantity = wanted ?? seats.min;
  if (isWithin(seats, quantity)) return quantity;
  return bad('quantity', `Plan ${plan.planId} is sold for ${seatsText(seats)} seats, not for ${quantity}.`);
}

function bad(field: BadOrder['field'], message: string): BadOrder {
  return { field, message };
}

function ids<K extends string>(things: readonly Record<K, string>[], key: K): string {
  return things.map((thing) => thing[key]).join(', ');
}
