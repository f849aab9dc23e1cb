import type { MicrosoftsReason, OperationStatus, PlanOnOffer, SubscriptionRead } from '@landfall/contracts';

/** An operation as Get Operation, or the list of outstanding ones, shows it (contract 3.10). */
export interface OperationReading {
  readonly subscriptionId: string;
  readonly action: string;
  readonly status: OperationStatus;
  readonly source: string | null;
  /** The target of ChangePlan, else null. */
  readonly planId: string | null;
  /** The target of ChangeQuantity, else null; null for flat rate, or where Microsoft left it out. */
  readonly quantity: number | null;
  readonly timeStamp: string | null;
  /** Why it has failed, where Microsoft says so. */
  readonly failure?: MicrosoftsReason;
}

/** What came of asking for an operation. `date` is Microsoft's clock when it answered. */
export type OperationAnswer =
  | { readonly kind: 'unanswered' }
  | { readonly kind: 'not-shown'; readonly date: string | null }
  | ({ readonly kind: 'shown'; readonly date: string } & OperationReading);

/** What Resolve and the list of plans show about a purchase (contract 3.3, 3.7). */
export interface PurchaseReading {
  readonly read: SubscriptionRead;
  readonly plans: PlanOnOffer[];
}
