/**
 * An answer with its date: the `Date` header, Microsoft's clock, ISO 8601. Where that is missing or unreadable it is our clock before the call, and
 * the `CallRecord` of the attempt has no `date`.
 */
export type Dated<T> = T & { readonly date: string };

/** A user with the tenant it belongs to; the key is (tenantId, objectId). Each part is absent where Microsoft left it out (contract 3.2). */
export interface Person {
  readonly tenantId?: string;
  readonly objectId?: string;
  /** For display and contact, never an identity. Personal data. */
  readonly emailId?: string;
}

/** Each part is absent where Microsoft left it out: the days are, until activation. */
export interface Term {
  /** Open set of ISO 8601 durations: P1M, P1Y … P5Y. */
  readonly termUnit?: string;
  /** Calendar day in UTC, `2024-01-14`. */
  readonly startDate?: string;
  /** Last valid day, inclusive. */
  readonly endDate?: string;
  /** Payment cadence as ISO 8601 duration. */
  readonly chargeDuration?: string;
}

/**
 * A subscription as Microsoft shows it, normalised (contract 3.2). What an answer left out, or had null or empty, is absent: it is not said, and
 * never means that it changed to nothing.
 */
export interface Subscription {
  readonly id: string;
  readonly publisherId?: string;
  /** Without the suffix `-preview`. */
  readonly offerId?: string;
  readonly offerIdRaw?: string;
  /** Absent where the offer is. */
  readonly isPreview?: boolean;
  readonly planId?: string;
  /** Seats; absent for a flat-rate plan, and where Microsoft left it out. */
  readonly quantity?: number;
  /** Open set: NotStarted, PendingFulfillmentStart, Subscribed, Suspended, Unsubscribed, and what Microsoft may add. */
  readonly status?: string;
  readonly beneficiary?: Person;
  readonly purchaser?: Person;
  readonly term?: Term;
  readonly autoRenew?: boolean;
  readonly isFreeTrial?: boolean;
  /** What the beneficiary may do, in any order: Read, Update, Delete. Bought through a reseller: Read alone. Never empty. */
  readonly allowedCustomerOperations?: readonly string[];
  /** Instant of the purchase, ISO 8601 in UTC. */
  readonly created?: string;
  /** Name that the customer gave it. Personal data, possibly. */
  readonly name?: string;
}

/** Answer to Resolve (contract 3.3). */
export interface ResolvedPurchase {
  readonly subscriptionId: string;
  readonly subscriptionName?: string;
  readonly planId?: string;
  readonly quantity?: number;
  readonly subscription: Subscription;
}

/**
 * One page of the list. What cannot be read is named beside the rest, so that one odd subscription does not hide all others (contract 3.5).
 */
export interface SubscriptionPage {
  readonly subscriptions: readonly Subscription[];
  readonly unreadable: readonly UnreadableItem[];
}

export interface UnreadableItem {
  /** Null where not even the id can be read. */
  readonly id: string | null;
  /** Path of the first field at fault, never its value. */
  readonly field: string;
}

/** An operation as Microsoft shows it (contract 3.10). What it left out is absent. */
export interface Operation {
  readonly id: string;
  readonly subscriptionId: string;
  /** Open set: ChangePlan, ChangeQuantity, Reinstate, Suspend, Unsubscribe, Renew, Subscribe … */
  readonly action?: string;
  /** Open set: NotStarted, InProgress, Succeeded, Failed, Conflict … The last three are final. */
  readonly status?: string;
  /** The target of a ChangePlan. Absent for every other action, where Microsoft names the current plan. */
  readonly planId?: string;
  /** The target of a ChangeQuantity; absent for every other action, and for flat rate. */
  readonly quantity?: number;
  /** Who asked: Azure (the marketplace's side) or Partner (we did). */
  readonly source?: string;
  /** When it began, by Microsoft's clock. */
  readonly timeStamp?: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
}

/** A plan that the customer may hold, at this customer's prices (contract 3.7). Prices are for display; Microsoft's invoice counts. */
export interface Plan {
  readonly planId: string;
  readonly displayName: string;
  readonly description: string;
  readonly isPrivate: boolean;
  readonly hasFreeTrials: boolean;
  readonly isPricePerSeat: boolean;
  /** Withdrawn from sale: still listed, never to be offered for a change. */
  readonly isStopSell: boolean;
  /** Null: no limit given. */
  readonly minQuantity: number | null;
  readonly maxQuantity: number | null;
  /** ISO 3166 two-letter code. */
  readonly market: string | null;
  readonly billingTerms: readonly BillingTerm[];
  readonly meteringDimensions: readonly MeteringDimension[];
  /** Ids of the private offers behind the purchase; only with the filter on the purchased plan. */
  readonly privateOfferIds: readonly string[];
}

export interface BillingTerm {
  readonly termUnit: string;
  readonly termDescription: string;
  readonly currency: string;
  readonly price: number | null;
  /** `units` is decimal text, as Microsoft sends it. */
  readonly included: readonly { readonly dimensionId: string; readonly units: string }[];
}

export interface MeteringDimension {
  readonly id: string;
  readonly displayName: string;
  readonly unitOfMeasure: string;
  readonly currency: string;
  readonly pricePerUnit: number | null;
}

/** Microsoft's words for what became of a usage event (contract 6.4). Any other word is read as `Error`. */
export const usageStatuses = [
  'Accepted',
  'Duplicate',
  'Expired',
  'Error',
  'ResourceNotFound',
  'ResourceNotAuthorized',
  'ResourceNotActive',
  'InvalidDimension',
  'InvalidQuantity',
  'BadArgument',
] as const;
export type UsageStatus = (typeof usageStatuses)[number];

/** A usage event as it is reported (contract 6.2). Its key is subscription, dimension and the clock hour of `effectiveStartTime`. */
export interface UsageEvent {
  readonly subscriptionId: string;
  readonly dimension: string;
  readonly planId: string;
  /** Above 0. Decimal text, written digit by digit as a JSON number. */
  readonly quantity: string;
  /** ISO 8601. */
  readonly effectiveStartTime: string;
}

/** What of an event an answer repeats; null where it leaves it out. */
interface RepeatedEvent {
  readonly subscriptionId: string | null;
  readonly dimension: string | null;
  readonly planId: string | null;
  readonly effectiveStartTime: string | null;
}

/** The event that Microsoft has stored under the key (contract 6.2): its quantity may be another one. */
export interface StoredUsage extends RepeatedEvent {
  readonly usageEventId: string | null;
  /** Plain decimal text. */
  readonly quantity: string | null;
}

/** What became of one event of a batch. Results come in no order: they are matched by what they repeat (contract 6.4). */
export interface UsageEventResult extends RepeatedEvent {
  readonly status: UsageStatus;
  /** Microsoft's id; null where it was not accepted. */
  readonly usageEventId: string | null;
  readonly messageTime: string | null;
  /** Of a `Duplicate`, where the answer says it. */
  readonly stored: StoredUsage | null;
  readonly code: string | null;
  readonly message: string | null;
}

/** Answer to a batch (contract 6.4). */
export interface UsageAnswer {
  readonly results: readonly UsageEventResult[];
  /** Results that can't be read: of as many events nothing is known. */
  readonly unreadable: number;
}

/** What Microsoft has recorded of one day, subscription, dimension and plan (contract 6.5). Quantities are plain decimal text. */
export interface UsageRow {
  readonly subscriptionId: string;
  readonly dimension: string;
  readonly planId: string;
  /** Open set: Submitted, Accepted, Rejected, Mismatch, TestHeaders, DryRun, and what Microsoft may add. */
  readonly reconStatus: string;
  readonly submittedQuantity: string;
  /** 0 until it was processed. */
  readonly processedQuantity: string;
  readonly submittedCount: number;
}

/** Takes rows in the order in which Microsoft lists them. */
export type TakesUsage = (rows: readonly UsageRow[]) => Promise<void>;

/** Microsoft has taken a change on; it is not done yet (contract 3.8, 3.9). Follow the operation. */
export interface AcceptedOperation {
  /** From `Operation-Id` or `Operation-Location`; null where Microsoft named neither: look through the open operations. */
  readonly operationId: string | null;
  /** How long to wait before the first look, in milliseconds. */
  readonly retryAfterMs: number | null;
}
