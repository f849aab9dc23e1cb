import type { MessageOf, planRead, Snapshot, subscriptionEvents, subscriptionSnapshot } from '@landfall/contracts';
import type { Instant } from '../ledger/hours';
import type { PlanRates } from '../ledger/ledger';
import type { Fact } from '../ledger/timeline';

/** What tells of a subscription: a public event, or its snapshot. */
export type SubscriptionMessage = MessageOf<typeof subscriptionEvents> | MessageOf<typeof subscriptionSnapshot>;
export type PlanRead = MessageOf<typeof planRead>;

/** What Microsoft shows of a plan to this subscription, and since when it is asked for that. */
export interface ReadRates extends PlanRates {
  /** Of its prices. */
  readonly currency?: string;
  /** By Microsoft's clock; null: it has not been read so far. */
  readonly readAt: string | null;
  /** By business time. */
  readonly askedAt: Instant | null;
}

/** What billing knows of a subscription: its row, as it is read and written. */
export interface SubscriptionRow extends Pick<Snapshot, 'publisherId' | 'offerId' | 'isPreview'> {
  readonly id: string;
  /** The newest version that a message told of; 0: none has so far. */
  readonly version: number;
  readonly facts: readonly Fact[];
  /** By plan. */
  readonly rates: Readonly<Record<string, ReadRates>>;
  /** By meter and day: decimal text. */
  readonly peaks: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** How many counts of it were told. */
  readonly counts: number;
  /** Business time: when its ledger is looked at next; null: when something is used. */
  readonly lookAt: Instant | null;
  /** An older hour from which on its ledger is loaded: late usage waits to be looked at, or nobody has confirmed what is held. Null: none. */
  readonly lateFrom: Instant | null;
}

/** A change of it: from when on usage has to be rated again. */
export interface Subscription extends SubscriptionRow {
  readonly ratedAnewFrom?: Instant | null;
}
