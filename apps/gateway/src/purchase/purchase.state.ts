import type { Access, DataOf, Person, PlanOnOffer, purchaseUnresolved, Stage, Status } from '@landfall/contracts';

export type UnresolvedReason = DataOf<typeof purchaseUnresolved>['reason'];

/** A browser that came from Microsoft with a purchase token. */
export interface Landing {
  readonly purchaseId: string;
  readonly registration: string;
  /** For fulfillment alone; null once it was sent there. */
  readonly encryptedToken: string | null;
  readonly openedAt: string | null;
  /** Who opened it first; set by the decision that opens it. */
  readonly openedBy?: Person;
}

/** What became of an opened purchase, as far as the page shows it. */
export interface Purchase {
  readonly purchaseId: string;
  readonly openedAt: string;
  readonly subscriptionId: string | null;
  readonly plans: readonly PlanOnOffer[] | null;
  readonly unresolvedBecause: UnresolvedReason | null;
}

/** The newest that was told of a subscription, and whether its customer confirmed here. */
export interface SeenSubscription {
  readonly subscriptionId: string;
  readonly version: number;
  readonly offerId: string;
  readonly planId: string;
  readonly quantity: number | null;
  readonly termUnit: string | null;
  readonly status: Status;
  readonly stage: Stage;
  readonly access: Access;
  readonly beneficiary: Person;
  readonly purchaser: Person;
  readonly confirmedAt: string | null;
  readonly confirmedPurchaseId: string | null;
  /** Purchases that this decision links to the subscription. */
  readonly arrivals: readonly { readonly purchaseId: string; readonly plans: readonly PlanOnOffer[] }[];
}
