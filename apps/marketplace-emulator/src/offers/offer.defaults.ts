import type { BillingTerm, MeteringDimension, Offer, Plan, TermUnit } from './offer';
import type { OfferInput, PlanInput } from './offer.input';

const termDescriptions: Record<TermUnit, string> = {
  P1M: '1 Month Subscription',
  P1Y: '1 Year Subscription',
  P2Y: '2 Year Subscription',
  P3Y: '3 Year Subscription',
  P4Y: '4 Year Subscription',
  P5Y: '5 Year Subscription',
};

type TermInput = NonNullable<PlanInput['billingTerms']>[number];
type DimensionInput = NonNullable<PlanInput['meteringDimensions']>[number];

/**
 * Fills in everything that the developer of an offer has left out. A month and a year at no charge, as offers for tests are priced
 * (contract 7).
 */
export function completed(input: OfferInput): Offer {
  const pricing = input.pricing ?? (input.plans.some(({ seats }) => seats) ? 'per-seat' : 'flat-rate');
  const plans = input.plans.map((plan) => completedPlan(plan, pricing, input.meteringDimensions ?? []));
  return {
    offerId: input.offerId,
    publisherId: input.publisherId ?? 'contoso',
    ...(input.applicationId ? { applicationId: input.applicationId.toLowerCase() } : {}),
    displayName: input.displayName ?? input.offerId,
    description: input.description ?? '',
    pricing,
    defaultPlanId: input.defaultPlanId ?? defaultPlanOf(plans),
    technicalConfiguration: input.technicalConfiguration ?? {},
    plans,
  };
}

/** The first plan that anybody can buy and that waits for the publisher; where there is none, simply the first. */
function defaultPlanOf(plans: Plan[]): string {
  const isOrdinary = ({ isPrivate, isStopSell, isAutoActivated }: Plan) => !isPrivate && !isStopSell && !isAutoActivated;
  return (plans.find(isOrdinary) ?? (plans[0] as Plan)).planId;
}

function completedPlan(input: PlanInput, pricing: Offer['pricing'], dimensionsOfOffer: DimensionInput[]): Plan {
  const seats = input.seats ?? (pricing === 'per-seat' ? {} : undefined);
  return {
    planId: input.planId,
    displayName: input.displayName ?? input.planId,
    description: input.description ?? '',
    isPrivate: input.isPrivate ?? input.audience !== undefined,
    audience: (input.audience ?? []).map((tenantId) => tenantId.toLowerCase()),
    hasFreeTrials: input.hasFreeTrials ?? false,
    isStopSell: input.isStopSell ?? false,
    isAutoActivated: input.isAutoActivated ?? false,
    market: input.market ?? 'US',
    ...(seats ? { seats: { min: seats.min ?? 1, max: seats.max ?? null } } : {}),
    billingTerms: (input.billingTerms ?? [{ termUnit: 'P1M' }, { termUnit: 'P1Y' }]).map(completedTerm),
    meteringDimensions: (input.meteringDimensions ?? dimensionsOfOffer).map(completedDimension),
  };
}

function completedTerm({ termUnit, ...input }: TermInput): BillingTerm {
  return {
    termUnit,
    price: input.price ?? 0,
    currency: input.currency ?? 'USD',
    payment: input.payment ?? 'upfront',
    termDescription: input.termDescription ?? termDescriptions[termUnit],
    ...(input.meteredQuantityIncluded ? { meteredQuantityIncluded: input.meteredQuantityIncluded } : {}),
  };
}

function completedDimension({ id, ...input }: DimensionInput): MeteringDimension {
  return {
    id,
    displayName: input.displayName ?? id,
    unitOfMeasure: input.unitOfMeasure ?? 'unit',
    pricePerUnit: input.pricePerUnit ?? 0,
    currency: input.currency ?? 'USD',
  };
}
