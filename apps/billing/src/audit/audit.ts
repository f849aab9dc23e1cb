import type { NotReportable } from '../ledger/ledger';
import type { Micros } from '../ledger/micros';

type ByReason = Readonly<Record<string, Micros>>;

/** What became of everything that was recorded of one meter under one plan. `planId` is null for what no plan has: used before the activation, or not counted so far. */
export interface UsageSum {
  readonly subscriptionId: string;
  readonly planId: string | null;
  readonly meter: string;
  readonly recorded: Micros;
  /** Used before Landfall counted: it stands on the side of what was recorded. */
  readonly opening: Micros;
  readonly included: Micros;
  readonly accepted: Micros;
  /** Handed over, and not answered so far. */
  readonly waiting: Micros;
  readonly uncertain: Micros;
  readonly withOperator: Micros;
  /** Billable, and in no hour so far. */
  readonly carryForward: Micros;
  /** Billable, and charged by somebody else: used in shadow, or before Landfall counted. */
  readonly shadowed: Micros;
  /** Of a plan of which nobody knows what it includes, or of a term that Microsoft has not named: it waits for that. */
  readonly unrated: Micros;
  /** Recorded since it was counted last. */
  readonly uncounted: Micros;
  readonly notReportable: ByReason;
  readonly writtenOff: ByReason;
  /** More was reported than is billable after corrections. */
  readonly credit: Micros;
}

/** A sum that does not agree: the ledger is wrong, or somebody has changed its rows. */
export interface Difference {
  readonly subscriptionId: string;
  readonly planId: string | null;
  readonly meter: string;
  /** Null: not of one term. */
  readonly term: string | null;
  /** Which two sums differ. */
  readonly what: string;
  readonly difference: Micros;
}

/** The sums of one subscription, and where they do not agree. */
export interface Audited {
  readonly subscriptionId: string;
  readonly sums: readonly UsageSum[];
  readonly differences: readonly Difference[];
}

/** Everything of one subscription, summed up by the database: its history has no bound. */
export interface Totals {
  /** By meter, of all its hours. */
  readonly meters: readonly MeterTotal[];
  /** What was rated how. */
  readonly rated: readonly RatedTotal[];
  /** What hours and write-offs have of each term. */
  readonly placed: readonly PlacedTotal[];
}

export interface MeterTotal {
  readonly meter: string;
  readonly recorded: Micros;
  /** Recorded, and not counted so far. */
  readonly uncounted: Micros;
  /** In hours that are counted: recorded, and not rated; how many hours that is about. */
  readonly misrated: Micros;
  readonly misratedHours: number;
  /** In hours whose records are all kept: what the sum of the hour has beyond its records; how many hours that is about. */
  readonly unproved: Micros;
  readonly unprovedHours: number;
}

export interface RatedTotal {
  readonly meter: string;
  readonly kind: 'counted' | 'not-reportable' | 'unrated';
  readonly planId: string | null;
  readonly term: string | null;
  readonly reason: NotReportable | null;
  /** Counted while billing only watched. */
  readonly isShadowed: true | null;
  readonly quantity: Micros;
}

export interface PlacedTotal {
  readonly planId: string;
  readonly meter: string;
  readonly dimension: string;
  readonly term: string;
  readonly state: 'held' | 'waiting' | 'accepted' | 'uncertain' | 'written-off' | 'shadowed';
  /** Why it was written off. */
  readonly reason: string | null;
  readonly quantity: Micros;
}
