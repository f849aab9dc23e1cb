import type { Access, Person, PlanOnOffer, Stage, Status } from '@landfall/contracts';

/** The gateway's read model of a subscription: its newest version that a message brought, and whether its customer confirmed here. */
export interface SubscriptionProjection {
  readonly subscriptionId: string;
  readonly version: number;
  readonly publisherId: string;
  readonly offerId: string;
  readonly isPreview: boolean;
  readonly planId: string;
  readonly quantity: number | null;
  readonly termUnit: string | null;
  readonly status: Status;
  readonly stage: Stage;
  readonly access: Access;
  /** It does not go on by itself: an operator, or the customer who comes again, starts it anew. */
  readonly hasSetUpFailed: boolean;
  /** Why an operator rejected the purchase, in words for the customer; null where nobody did. */
  readonly rejectionReason: string | null;
  readonly beneficiary: Person;
  readonly purchaser: Person;
  readonly confirmedAt: string | null;
  readonly confirmedPurchaseId: string | null;
}

/** A purchase that turned out to be about the subscription, with the plans on offer for it. */
export interface LinkedPurchase {
  readonly purchaseId: string;
  readonly plans: readonly PlanOnOffer[];
}

/**
 * What `load` hands to the decisions and the decisions to `save`: a projection as it is now, and the purchases that are to be linked to it.
 */
export interface ProjectionChange {
  readonly projection: SubscriptionProjection;
  readonly newPurchases: readonly LinkedPurchase[];
}

/** A projection to which nothing has happened in this transaction. */
export const unchanged = (projection: SubscriptionProjection): ProjectionChange => ({ projection, newPurchases: [] });
