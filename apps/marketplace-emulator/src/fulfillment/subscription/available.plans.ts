import type { Catalogue } from '../../offers/catalogue';
import { isVisibleTo, mostSeats, type BillingTerm, type Plan, type Seats } from '../../offers/offer';
import type { People } from '../../people/people';
import type { SettingsRepository } from '../../settings/settings.repository';
import { agreedPlan } from '../../subscription/private.offer';
import { seatLimitsOf } from '../../subscription/seat.limits';
import type { Subscription } from '../../subscription/subscription';

const unlimitedIn = { text: 'unlimited', 'minus-one': '-1', empty: '' } as const;

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
            ...planInRest(plan === current ? this.agreed(plan, subscription) : plan, this.settings),
            ...limitsInRest(seats, this.settings),
            ...(plan === current ? sourceOf(subscription, planId) : {}),
          };
        }),
    };
  }

  /** The purchased plan, as its private offer has it in the present term. */
  private agreed(plan: Plan, subscription: Subscription): Plan {
    if (this.settings.current.privateOfferInPlans === 'hidden') return plan;
    return agreedPlan(plan, subscription, Date.parse(subscription.term?.startDate ?? subscription.created));
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

function planInRest(plan: Plan, settings: SettingsRepository) {
  return {
    planId: plan.planId,
    displayName: plan.displayName,
    isPrivate: plan.isPrivate,
    description: plan.description,
    hasFreeTrials: plan.hasFreeTrials,
    isPricePerSeat: plan.seats !== undefined,
    isStopSell: plan.isStopSell,
    market: plan.market,
    planComponents: {
      recurrentBillingTerms: plan.billingTerms.map((term) => termInRest(term, settings)),
      meteringDimensions: plan.meteringDimensions,
    },
  };
}

function termInRest({ currency, price, termUnit, termDescription, meteredQuantityIncluded }: BillingTerm, settings: SettingsRepository) {
  const unlimited = unlimitedIn[settings.current.unlimitedUnits];
  const included = meteredQuantityIncluded?.map(({ units, ...of }) => ({ ...of, units: units === 'unlimited' ? unlimited : units }));
  return { currency, price, termUnit, termDescription, ...(included ? { meteredQuantityIncluded: included } : {}) };
}
