import type { IncludedQuantity, MeteringDimension, Seats, TermUnit } from '../offers/offer';
import type { Document } from '../state/document.store';

/** `NotStarted` is in the schema alone, and what it means is not known (contract 3.2, 12): only a purchase with `notStarted` has it. */
export type SubscriptionStatus = 'NotStarted' | 'PendingFulfillmentStart' | 'Subscribed' | 'Suspended' | 'Unsubscribed';

/** `direct`: bought by the customer. `csp`: sold by a reseller, who alone may change or cancel it (contract 1.2). */
export type Channel = 'direct' | 'csp';

/** Documented as not relevant; usage of a `DryRun` subscription is read back as such (contract 3.2, 6.5). */
export type SessionMode = 'None' | 'DryRun';
export type SandboxType = 'None' | 'Csp';

/** What the API shows of the two parties; any of it may be missing or empty (contract 3.2). */
export const partyMembers = ['emailId', 'objectId', 'tenantId', 'puid'] as const;
export type PartyMember = `${'beneficiary' | 'purchaser'}.${(typeof partyMembers)[number]}`;

/** The offer to one customer under which a plan was bought (contract 1.2). */
export interface PrivateOffer {
  externalId: string;
  /** The plan that was bought under it; a plan that comes later has nothing to do with it. */
  planId: string;
  /** Limits in the place of the plan's. */
  seats?: Seats;
  /** What is taken off the list price. */
  discountPercent?: number;
  /** A fee in the place of the list price, per term. */
  price?: number;
  /** Prices of what is metered in the place of the plan's. */
  meteringDimensions?: Pick<MeteringDimension, 'id' | 'pricePerUnit'>[];
  /** Of the term that was bought, in the place of the plan's; a dimension that is not named has what the plan has. */
  meteredQuantityIncluded?: IncludedQuantity[];
  /** Terms that begin from here on are charged at list price (contract 1.2). */
  expiresAt?: string;
}

/** A purchase as Microsoft keeps it. */
export interface Subscription extends Document {
  /** Place in the order of purchases; lists are paged by it. */
  position: number;
  name: string;
  offerId: string;
  planId: string;
  /** Seats; null where the offer has a flat rate. */
  quantity: number | null;
  status: SubscriptionStatus;
  termUnit: TermUnit;
  /** From activation on; `endDate` is the last valid day (contract 3.2). */
  term: { startDate: string; endDate: string } | null;
  autoRenew: boolean;
  /** The free month that comes before the first paid term (contract 1.5). */
  isFreeTrial: boolean;
  channel: Channel;
  beneficiaryId: string;
  purchaserId: string;
  created: string;
  lastModified: string;
  /** How often the publisher has called Activate with success: more than once is a fault of the publisher's that shows nowhere else. */
  activateCalls: number;
  /** The operation that locks the subscription while it is open. */
  pendingOperationId: string | null;
  /** Bought before the offer went live: the API shows its offer with `-preview` (contract 3.2). */
  isPreview?: boolean;
  privateOffer?: PrivateOffer;
  isTest?: boolean;
  sessionMode?: SessionMode;
  sandboxType?: SandboxType;
  /** Members that the API leaves out of beneficiary and purchaser, and those that it shows empty. */
  missing?: PartyMember[];
  empty?: PartyMember[];
  /** Day of the month on which terms begin, since a short month moves one of them to its end. */
  anchorDay?: number;
  /** When the present term began, unless it is the first one: by a renewal, or because a trial was over. */
  renewedAt?: string;
  /** When it became Suspended for the last time. */
  suspendedAt?: string;
  /** The payment at the end of the term will not come in: Suspended instead of renewed (contract 5.3). */
  nextPaymentFails?: boolean;
}
