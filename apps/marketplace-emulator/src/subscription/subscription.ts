import type { TermUnit } from '../offers/offer';
import type { Document } from '../state/document.store';

export type SubscriptionStatus = 'PendingFulfillmentStart' | 'Subscribed' | 'Suspended' | 'Unsubscribed';

/** `direct`: bought by the customer. `csp`: sold by a reseller, who alone may change or cancel it (contract 1.2). */
export type Channel = 'direct' | 'csp';

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
  channel: Channel;
  beneficiaryId: string;
  purchaserId: string;
  created: string;
  lastModified: string;
  /** How often the publisher has called Activate with success: more than once is a fault of the publisher's that nobody else would see. */
  activateCalls: number;
  /** The operation that locks the subscription while it is open. */
  pendingOperationId: string | null;
}
