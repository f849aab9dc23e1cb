import type { Marketplace } from '../marketplace';
import { isVisibleTo, type BillingTerm, type Plan } from '../offers/offer';
import { seatLimitsOf } from '../subscription/seat.limits';
import type { Subscription } from '../subscription/subscription';

/**
 * Plans that the customer could hold, the current one and those no longer sold included; private ones of other customers are not shown (contract 3.7). An unknown
 * `planId` gives an empty list. A private offer shows only where its plan, the purchased one, is asked for by name.
 */
export function availablePlans(
  subscription: Subscription,
  planId: string | null,
  { catalogue, people }: Pick<Marketplace, 'catalogue' | 'people'>,
) {
  const tenantId = people.get(subscription.beneficiaryId)?.tenantId ?? '';
  const current = catalogue.planOf(subscription);
  const visible = catalogue.offerOf(subscription).plans.filter((plan) => plan.planId === current.planId || isVisibleTo(plan, tenantId));
  const plans = visible.includes(current) ? visible : [...visible, current];
  return {
    plans: plans
      .filter((plan) => planId === null || plan.planId === planId)
      .map((plan) =>
        plan === current
          ? { ...planInRest(plan, seatLimitsOf(subscription, catalogue)), ...sourceOf(subscription, planId) }
          : planInRest(plan),
      ),
  };
}

function sourceOf({ privateOffer, planId }: Subscription, asked: string | null) {
  return privateOffer && asked !== null && privateOffer.planId === planId
    ? { sourceOffers: [{ externalId: privateOffer.externalId }] }
    : {};
}

function planInRest(plan: Plan, seats = plan.seats) {
  return {
    planId: plan.planId,
    displayName: plan.displayName,
    isPrivate: plan.isPrivate,
    description: plan.description,
    ...(seats ? { minQuantity: seats.min, ...(seats.max === null ? {} : { maxQuantity: seats.max }) } : {}),
    hasFreeTrials: plan.hasFreeTrials,
    isPricePerSeat: plan.seats !== undefined,
    isStopSell: plan.isStopSell,
    market: plan.market,
    planComponents: { recurrentBillingTerms: plan.billingTerms.map(termInRest), meteringDimensions: plan.meteringDimensions },
  };
}

function termInRest({ currency, price, termUnit, termDescription, meteredQuantityIncluded }: BillingTerm) {
  return { currency, price, termUnit, termDescription, ...(meteredQuantityIncluded ? { meteredQuantityIncluded } : {}) };
}
