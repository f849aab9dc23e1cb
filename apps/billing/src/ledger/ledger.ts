import type { WriteOffReason } from '@landfall/contracts';
import type { Hour, Instant } from './hours';
import type { Micros } from './micros';
import type { Timeline } from './timeline';

/** Why usage can never be reported, whatever follows (contract 6.3, 3). */
export type NotReportable = 'before-activation' | 'suspended' | 'ended' | 'free-trial';

/** How a part of what was used in an hour is rated. */
export type Rated =
  | {
      readonly kind: 'counted';
      readonly planId: string;
      /** The first day of the term in which it counts. */
      readonly term: string;
      /** Under which hour it would be reported: the hour of its use, or the next one. */
      readonly billedIn: Hour;
      /** It was used while billing only watched (`BILLING_MODE`): somebody else charges it. */
      readonly isShadowed?: true;
      /** Since when the mode in which it was used holds; absent: for all time. */
      readonly since?: Hour;
      readonly quantity: Micros;
    }
  | { readonly kind: 'not-reportable'; readonly planId: string | null; readonly reason: NotReportable; readonly quantity: Micros }
  /** Microsoft has not named its term yet: it waits. */
  | { readonly kind: 'unrated'; readonly quantity: Micros };

export type CountedPart = Extract<Rated, { readonly kind: 'counted' }>;

/** What was used of one meter in one hour. */
export interface Bucket {
  readonly meter: string;
  readonly hour: Hour;
  /** Σ of the records. */
  readonly quantity: Micros;
  /** How it was rated last; its sum is what the accounts contain of it. */
  readonly rated: readonly Rated[];
}

/** By what the use of one account is billed. */
export interface CountedBy {
  /** What the plan includes in the term. */
  readonly included: Micros;
  readonly tiers: Meter['tiers'];
}

/** What was used in an account's term while one mode held. */
export interface Phase {
  /** Since when that mode holds; 0: for all time. */
  readonly from: Hour;
  readonly isShadowed: boolean;
  readonly quantity: Micros;
}

/** The count of one meter under one plan in one term. */
export interface Account {
  readonly planId: string;
  readonly meter: string;
  /** Its first day. */
  readonly term: string;
  readonly termUnit: string;
  /** Its last day, inclusive. */
  readonly endDate: string;
  /** As Microsoft's list and the catalog were in its term; null while nobody knows: then it waits. */
  readonly countedBy: CountedBy | null;
  /** Σ of what was counted, and the opening balance: below 0 where corrections exceed it. */
  readonly net: Micros;
  /** So much of it an operator gave: what was used in the term before Landfall counted. */
  readonly opening: Micros;
  /** So much of it was somebody else's to report: the opening balance, and what was used in shadow. */
  readonly shadowed: Micros;
  /** The net without the opening balance, by the modes in which it was used, in their order: what was used first uses up what is included first. */
  readonly phases: readonly Phase[];
  /** By dimension: what was reported, or is about to be, or was written off. */
  readonly placed: Readonly<Record<string, Micros>>;
  /** By dimension: what would have been reported in shadow. */
  readonly placedInShadow: Readonly<Record<string, Micros>>;
}

/**
 * Where the usage of one hour and dimension stands. `waiting`: handed over. `held`: an anomaly, or stopped by an answer of Microsoft; an operator decides. `returned`: Microsoft
 * surely has nothing under this key, and it may be used again from `notBefore` on. `carried`: it surely has nothing, and the units are due in a later hour. `shadowed`: it would
 * have been reported, had billing not only watched; it never is.
 */
export type HourState = 'held' | 'waiting' | 'accepted' | 'uncertain' | 'returned' | 'carried' | 'written-off' | 'shadowed';

/** A share of an hour's quantity, by the term in which it was used. One that is below 0 is a credit of that term that another one used. */
export interface Share {
  readonly term: string;
  readonly quantity: Micros;
}

/** One key of Microsoft's: subscription, dimension and hour (contract 6.3, 1). It is handed over once. */
export interface BilledHour {
  readonly dimension: string;
  readonly hour: Hour;
  readonly planId: string;
  readonly meter: string;
  readonly quantity: Micros;
  readonly shares: readonly Share[];
  readonly state: HourState;
  readonly effectiveStart: Instant;
  /** Nothing is sent after it. */
  readonly deadline: Instant;
  /** Of a returned one. */
  readonly notBefore: Instant | null;
  /** Why it is held, why it was so when it was written off, or why an uncertain one needs an operator. */
  readonly reason: string | null;
  /**
   * Where its units were used: this hour, and others that could not take them any more, since they came late. What is left was carried for another reason. Null or absent: all in this one.
   */
  readonly origins?: readonly Origin[] | null;
  /** So much of it an operator has confirmed. Absent: nothing was asked, or nobody did. */
  readonly confirmed?: Micros | null;
}

/** So much was used in that hour. */
export interface Origin {
  readonly hour: Hour;
  readonly quantity: Micros;
}

/** Usage that is billable, and that no hour is left for, or that an operator gave up. */
export interface WriteOff {
  readonly planId: string;
  readonly meter: string;
  readonly dimension: string;
  readonly quantity: Micros;
  readonly shares: readonly Share[];
  readonly reason: WriteOffReason;
}

/** A plan as Microsoft's list shows it to one subscription (contract 3.7). */
export interface PlanRates {
  /** By dimension, for one unit; null where Microsoft named no number. */
  readonly prices: Readonly<Record<string, string | null>>;
  /** By `termUnit` and dimension, as Microsoft's text came. */
  readonly included: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** When Microsoft showed it, by its clock; absent: before every term. */
  readonly shownAt?: Instant;
}

/** To which dimensions the catalog maps a meter of a plan: graduated tiers are several. */
export interface Meter {
  readonly meter: string;
  readonly tiers: readonly {
    readonly dimension: string;
    /** So much use of the term the tier ends at; null: the last tier. */
    readonly upTo: Micros | null;
  }[];
}

/** From an hour on, usage is reported (`live`), or all is done but the report (`shadow`). */
export interface BillingMode {
  readonly from: Hour;
  readonly mode: 'live' | 'shadow';
}

/** Everything by which the usage of one subscription is rated and reported. */
export interface Ledger {
  readonly timeline: Timeline;
  /** Of its publisher, by their beginnings. */
  readonly modes: readonly BillingMode[];
  /** By plan, as they were read last. */
  readonly rates: Readonly<Record<string, PlanRates>>;
  /** By plan, of the catalog in force. */
  readonly meters: Readonly<Record<string, readonly Meter[]>>;
  /** Of the hours that can still be reported, at least, and of all since `lateFrom`. */
  readonly buckets: readonly Bucket[];
  readonly accounts: readonly Account[];
  /** Of the hours that can still be reported, of all since `lateFrom`, and all that has no end yet. */
  readonly hours: readonly BilledHour[];
  /** An older hour from which on it is loaded, since late usage of it waits, or nobody has confirmed what is held of it. Absent or null: none. */
  readonly lateFrom?: Hour | null;
  readonly writeOffs: readonly WriteOff[];
  /** By meter and day (UTC): the most that was used in an hour of it, of the last 30 days. */
  readonly peaks: Readonly<Record<string, Readonly<Record<string, Micros>>>>;
}

/** The states in which an hour's units are placed: they are due in no other hour. What is shadowed was never due: the account knows it apart. */
export const isPlaced = ({ state }: Pick<BilledHour, 'state'>): boolean =>
  state !== 'carried' && state !== 'returned' && state !== 'shadowed';
