/** ISO 8601 duration of a billing term (contract 1.4). */
export type TermUnit = 'P1M' | 'P1Y' | 'P2Y' | 'P3Y' | 'P4Y' | 'P5Y';

export interface BillingTerm {
  currency: string;
  /** Per term; per seat and term where the offer is priced per seat. */
  price: number;
  termUnit: TermUnit;
  termDescription: string;
  meteredQuantityIncluded?: { dimensionId: string; units: string }[];
}

export interface MeteringDimension {
  id: string;
  currency: string;
  pricePerUnit: number;
  unitOfMeasure: string;
  displayName: string;
}

export interface Plan {
  planId: string;
  displayName: string;
  description: string;
  isPrivate: boolean;
  hasFreeTrials: boolean;
  /** Withdrawn from sale: still listed, kept by those who have it, refused to everybody else (contract 1.4). */
  isStopSell: boolean;
  /** Microsoft activates a purchase of this plan by itself and tells so by `Subscribe` (contract 4.8). */
  isAutoActivated: boolean;
  /** Only where the offer is priced per seat. */
  seats?: { min: number; max: number };
  billingTerms: BillingTerm[];
  meteringDimensions: MeteringDimension[];
}

export interface Offer {
  offerId: string;
  publisherId: string;
  /** Client id of the application in Technical configuration (contract 1.1); left out: the installation's own. */
  applicationId?: string;
  displayName: string;
  description: string;
  pricing: 'per-seat' | 'flat-rate';
  /** The plan of a purchase that names none. */
  defaultPlanId: string;
  plans: Plan[];
}

export function planOf(offer: Offer, planId: string): Plan | undefined {
  return offer.plans.find((plan) => plan.planId === planId);
}
