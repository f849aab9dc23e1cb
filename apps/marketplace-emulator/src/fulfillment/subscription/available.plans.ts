import type { Catalogue } from '../../offers/catalogue';
import { isVisibleTo, mostSeats, type BillingTerm, type Plan, type Seats } from '../../offers/offer';
import type { People } from '../../people/people';
import type { SettingsRepository } from '../../settings/settings.repository';
import { seatLimitsOf } from '../../subscription/seat.limits';
import type { Subscription } from '../../subscription/subscription';

/**
 * Plans that the customer could hold, the current one and those no longer sold included; private ones of other customers are not shown
 * (contract 3.7). An unknown `planId` gives an empty list. A private offer shows only where its plan, the purchased one, is asked for by
 * name.
 */
export class AvailablePlans {
  constructor(
    private readonly people: People,
    private readonly catalogue: Catalogue,
    private readonly settings: SettingsRepository,
  ) {}

  of(subscription: Subscription, planId: string | null) {
    const tenantId = this.people.get(subscription.beneficiaryId)?.tenantId ?? '';
    const current = this.catalogue.planOf(subscription);
    const offered = this.catalogue.offerOf(subscription).plans;
    const visible = offered.filter((plan) => plan.planId === current.planId || isVisibleTo(plan, tenantId));
    const plans = visible.includes(current) ? visible : [...visible, current];
    return {
      plans: plans
        .filter((plan) => planId === null || plan.planId === planId)
        .map((plan) => {
          const seats = plan === current ? seatLimitsOf(subscription, this.catalogue) : plan.seats;
          return {
            ...planInRest(plan),
            ...limitsInRest(seats, this.settings),
            ...(plan === current ? sourceOf(subscription, planId) : {}),
          };
        }),
    };
  }
}

function sourceOf({ privateOffer, planId }: Subscription, asked: string | null) {
  return privateOffer && asked !== null && privateOffer.planId === planId
    ? { sourceOffers: [{ externalId: privateOffer.externalId }] }
    : {};
}

/** Only where the plan is priced per seat (contract 3.7); how a missing maximum is shown is a setting. */
function limitsInRest(seats: Seats | undefined, settings: SettingsRepository) {
  if (!seats) return {};
  const max = seats.max ?? (settings.current.maxQuantityWhenUnlimited === 'large' ? mostSeats : undefined);
  return { minQuantity: seats.min, ...(max === undefined ? {} : { maxQuantity: max }) };
}

function planInRest(plan: Plan) {
  return {
    planId: plan.planId,
    displayName: plan.displayName,
    isPrivate: plan.isPrivate,
    description: plan.description,
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
