import type { BillingTerm, MeteringDimension, Offer, Plan } from './offer';

const publisherId = 'contoso';

const dimensions: MeteringDimension[] = [
  { id: 'emails', currency: 'USD', pricePerUnit: 0.01, unitOfMeasure: 'e-mail', displayName: 'E-mails' },
  { id: 'texts', currency: 'USD', pricePerUnit: 0.08, unitOfMeasure: 'text', displayName: 'Text messages' },
];

/** The publisher's offers: one priced per seat, one at a flat rate with metered dimensions (an offer is one or the other, contract 1.4). */
export const perSeatOffer: Offer = {
  offerId: 'contoso-team',
  publisherId,
  displayName: 'Contoso Team',
  description: 'Plan work together. Priced per seat.',
  pricing: 'per-seat',
  defaultPlanId: 'silver',
  plans: [
    perSeatPlan('silver', 'Silver', 'For a first team.', { min: 1, max: 100 }, 8),
    perSeatPlan('gold', 'Gold', 'For several teams.', { min: 1, max: 1_000 }, 14),
    perSeatPlan('platinum', 'Platinum', 'For a whole company.', { min: 10, max: 100_000 }, 22),
    { ...perSeatPlan('instant', 'Instant', 'Active from the moment of the purchase.', { min: 1, max: 100 }, 9), isAutoActivated: true },
    { ...perSeatPlan('bronze', 'Bronze', 'No longer sold.', { min: 1, max: 50 }, 5), isStopSell: true },
  ],
};

export const meteredOffer: Offer = {
  offerId: 'contoso-reach',
  publisherId,
  displayName: 'Contoso Reach',
  description: 'Messages to your customers. A flat rate, and what goes beyond it by the piece.',
  pricing: 'flat-rate',
  defaultPlanId: 'base',
  plans: [
    flatRatePlan('base', 'Base', 'For an occasional letter.', 100, { emails: '1000', texts: '10' }),
    flatRatePlan('plus', 'Plus', 'For campaigns.', 400, { emails: '10000', texts: '100' }),
    {
      ...flatRatePlan('instant', 'Instant', 'Active from the moment of the purchase.', 120, { emails: '1000', texts: '10' }),
      isAutoActivated: true,
    },
  ],
};

export const builtInOffers: readonly Offer[] = [perSeatOffer, meteredOffer];

function perSeatPlan(
  planId: string,
  displayName: string,
  description: string,
  seats: { min: number; max: number },
  monthlyPrice: number,
): Plan {
  return {
    planId,
    displayName,
    description,
    isPrivate: false,
    hasFreeTrials: false,
    isStopSell: false,
    isAutoActivated: false,
    seats,
    billingTerms: terms(monthlyPrice),
    meteringDimensions: [],
  };
}

function flatRatePlan(
  planId: string,
  displayName: string,
  description: string,
  monthlyPrice: number,
  included: Record<string, string>,
): Plan {
  const meteredQuantityIncluded = Object.entries(included).map(([dimensionId, units]) => ({ dimensionId, units }));
  return {
    planId,
    displayName,
    description,
    isPrivate: false,
    hasFreeTrials: false,
    isStopSell: false,
    isAutoActivated: false,
    billingTerms: terms(monthlyPrice).map((term) => ({ ...term, meteredQuantityIncluded })),
    meteringDimensions: dimensions,
  };
}

function terms(monthlyPrice: number): BillingTerm[] {
  return [
    { currency: 'USD', price: monthlyPrice, termUnit: 'P1M', termDescription: '1 Month Subscription' },
    { currency: 'USD', price: monthlyPrice * 10, termUnit: 'P1Y', termDescription: '1 Year Subscription' },
    { currency: 'USD', price: monthlyPrice * 18, termUnit: 'P2Y', termDescription: '2 Year Subscription' },
    { currency: 'USD', price: monthlyPrice * 25, termUnit: 'P3Y', termDescription: '3 Year Subscription' },
  ];
}
