import type { MicrosoftsReason, NamedContact, OperationStatus, PlanOnOffer, ShownSnapshot, SubscriptionRead } from '@landfall/contracts';

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

/** A subscription as it was read, and what is personal in the answer. */
export interface PersonalReading {
  readonly read: SubscriptionRead;
  readonly contacts: readonly NamedContact[];
}

/** What Resolve and the list of plans show about a purchase (contract 3.3, 3.7). */
export interface PurchaseReading extends PersonalReading {
  readonly plans: PlanOnOffer[];
}

/** What the list of outstanding operations shows, each with its own id, and through which registration it was asked for. */
export interface Outstanding {
  readonly date: string;
  readonly operations: readonly (OperationReading & { readonly operationId: string })[];
  readonly registration: string;
}

/** A page of the list of all subscriptions (contract 3.5). */
export interface ListedPage {
  readonly listed: readonly ShownSnapshot[];
  /** Entries that can't be read: their ids, null where not even that can be read, and the field at fault. They are listed all the same. */
  readonly unreadable: readonly { readonly id: string | null; readonly field: string }[];
  /** Null: there are no more. */
  readonly nextLink: string | null;
}
