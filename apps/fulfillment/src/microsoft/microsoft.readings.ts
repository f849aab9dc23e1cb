import type { OperationStatus, PlanOnOffer, Snapshot } from '@landfall/contracts';

/** A subscription as Get Subscription shows it (contract 3.6). */
export interface SubscriptionReading {
  readonly snapshot: Snapshot;
  /** Taken before the call: the snapshot is at least as new as this (rule 2). */
  readonly readAt: string;
}

/** An operation as Get Operation shows it (contract 3.10). */
export interface OperationReading {
  readonly subscriptionId: string;
  readonly action: string;
  readonly status: OperationStatus;
  readonly source: string | null;
  /** The target of ChangePlan, else the current plan. */
  readonly planId: string | null;
  /** The target of ChangeQuantity, else the current number of seats; null for flat rate, or where Microsoft left it out. */
  readonly quantity: number | null;
  readonly requestedAt: string | null;
}

/** What Resolve and the list of plans show about a purchase (contract 3.3, 3.7). */
export interface PurchaseReading extends SubscriptionReading {
  readonly plans: PlanOnOffer[];
}
