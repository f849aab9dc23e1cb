/** ISO 8601 duration of a billing term, shortest first (contract 1.4). */
export const termUnits = ['P1M', 'P1Y', 'P2Y', 'P3Y', 'P4Y', 'P5Y'] as const;

export type TermUnit = (typeof termUnits)[number];

export const monthsOf: Record<TermUnit, number> = { P1M: 1, P1Y: 12, P2Y: 24, P3Y: 36, P4Y: 48, P5Y: 60 };

/** When a term is paid: at once, in months, or in years (contract 1.4). */
export type Payment = 'upfront' | 'monthly' | 'annual';

export interface BillingTerm {
  currency: string;
  /** Per term; per seat and term where the offer is priced per seat. */
  price: number;
  termUnit: TermUnit;
  termDescription: string;
  payment: Payment;
  meteredQuantityIncluded?: IncludedQuantity[];
}

/** What a plan contains of a dimension in a whole term (contract 6.3). */
export interface IncludedQuantity {
  dimensionId: string;
  /** Digits, or `unlimited`. */
  units: string;
}

export interface MeteringDimension {
  id: string;
  currency: string;
  pricePerUnit: number;
  unitOfMeasure: string;
  displayName: string;
}

export interface Seats {
  min: number;
  /** Null: the publisher named none, so Microsoft's own maximum of a million holds (contract 1.4). */
  max: number | null;
}

export interface Plan {
  planId: string;
  displayName: string;
  description: string;
  /** Seen and bought by the tenants of its audience alone, and never through a reseller (contract 1.2). */
  isPrivate: boolean;
  /** Tenant ids, in lower case. */
  audience: string[];
  hasFreeTrials: boolean;
  /** Withdrawn from sale: still listed, kept by those who have it, refused to other customers (contract 1.4). */
  isStopSell: boolean;
  /** Microsoft activates a purchase of this plan by itself and sends `Subscribe` (contract 4.8). */
  isAutoActivated: boolean;
  /** Two letters of ISO 3166. */
  market: string;
  /** Only where the offer is priced per seat. */
  seats?: Seats;
  billingTerms: BillingTerm[];
  meteringDimensions: MeteringDimension[];
}

/** Where Microsoft reaches the publisher of an offer (contract 4.1, 7); what is left out is as in the settings. */
export interface TechnicalConfiguration {
  landingUrl?: string;
  webhookUrl?: string;
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
  technicalConfiguration: TechnicalConfiguration;
  plans: Plan[];
}

/** What a term contains of a dimension; undefined where it says nothing of it. */
export function includedIn({ meteredQuantityIncluded = [] }: BillingTerm, dimensionId: string): string | undefined {
  return meteredQuantityIncluded.find((included) => included.dimensionId === dimensionId)?.units;
}

export function planOf(offer: Offer, planId: string): Plan | undefined {
  return offer.plans.find((plan) => plan.planId === planId);
}

/** Whether a tenant may see the plan at all: a private one is there for its audience alone (contract 1.4). */
export function isVisibleTo({ isPrivate, audience }: Plan, tenantId: string): boolean {
  return !isPrivate || audience.includes(tenantId);
}

/** The most seats that Microsoft sells of any plan (contract 1.4). */
export const mostSeats = 1_000_000;

export function seatsText({ min, max }: Seats): string {
  return `${min} to ${max ?? mostSeats}`;
}

export function isWithin({ min, max }: Seats, quantity: number): boolean {
  return quantity >= min && quantity <= (max ?? mostSeats);
}
