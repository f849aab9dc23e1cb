import type { Offer, Plan } from '../offers/offer';

/** Plans that the customer could hold, the current one and those no longer sold included (contract 3.7). An unknown `planId` gives an empty list. */
export function availablePlans(offer: Offer, planId: string | null) {
  return { plans: offer.plans.filter((plan) => planId === null || plan.planId === planId).map(planInRest) };
}

function planInRest(plan: Plan) {
  return {
    planId: plan.planId,
    displayName: plan.displayName,
    isPrivate: plan.isPrivate,
    description: plan.description,
    ...(plan.seats ? { minQuantity: plan.seats.min, maxQuantity: plan.seats.max } : {}),
    hasFreeTrials: plan.hasFreeTrials,
    isPricePerSeat: plan.seats !== undefined,
    isStopSell: plan.isStopSell,
    market: 'US',
    planComponents: { recurrentBillingTerms: plan.billingTerms, meteringDimensions: plan.meteringDimensions },
  };
}
