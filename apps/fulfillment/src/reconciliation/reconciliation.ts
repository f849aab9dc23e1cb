import type { Snapshot } from '@landfall/contracts';

/** What the record says of a subscription and the list of Microsoft says as well, without people (contract 3.2). */
export type Recorded = Pick<
  Snapshot,
  | 'status'
  | 'planId'
  | 'quantity'
  | 'term'
  | 'autoRenew'
  | 'isFreeTrial'
  | 'allowedCustomerOperations'
  | 'publisherId'
  | 'offerId'
  | 'isPreview'
>;

/** What is known here of a subscription that Microsoft lists. */
export interface Known {
  /** Null: the record has nothing of it, or has not told us yet. */
  readonly record: Recorded | null;
  /** The registration to which it belongs; null: none has shown it yet. */
  readonly boundTo: string | null;
  /** An operator has said that it is not to be imported, or that its end is not to be acted upon. */
  readonly isDismissed?: boolean;
  /** An operator has let its end through, and the record has not taken that over yet. */
  readonly isLetThrough?: boolean;
}

/** What the subscription service published last of a subscription. */
export interface Observation {
  readonly subscriptionId: string;
  readonly version: number;
  readonly record: Recorded;
}

/** How a sweep goes about what it finds. */
export interface Manner {
  readonly registration: string;
  /** Everything that has not ended is read, whatever the list says: once a day. */
  readonly isWhole: boolean;
  /** Whether what nobody knows here may be imported (rule 6). */
  readonly mayImport: boolean;
}

/** Why an operator is asked: too much would be lost at once; nobody has allowed the first import yet. */
export const questions = ['loss', 'import'] as const;
export type Question = (typeof questions)[number];

/** `superseded`: a newer sweep has asked instead. `withdrawn`: an operator has taken a dismissal back; the next sweep asks anew. */
export const answers = ['released', 'dismissed', 'superseded', 'withdrawn'] as const;
export type Answer = (typeof answers)[number];

/** What is kept back until the end of its sweep, or an operator's answer: an end of what the record has alive; what nobody knows here. */
export const findings = ['ended', 'unknown'] as const;
export type Finding = (typeof findings)[number];

/** What a sweep asks, and how each of its questions was answered. */
export interface Asked {
  readonly id: string;
  readonly registration: string;
  readonly asks: readonly Question[];
  /** Also of a loss that is too small to be asked about: an operator may say that what is missing may be. */
  readonly answers: Readonly<Partial<Record<Question, Answer>>>;
  /** How many it did not show of what the record has alive. */
  readonly missing?: number;
  /** How many it showed as ended of those. */
  readonly ended?: number;
}

/** With the questions that this answer is about. */
export interface Answered extends Asked {
  readonly about?: readonly Question[];
}

/** When a registration is swept next, and how. */
export interface Schedule {
  readonly registration: string;
  readonly isDue: boolean;
  readonly mayImport: boolean;
  /** A day has passed since everything was read. */
  readonly isWholeDue: boolean;
  /** The sweep that is under way. */
  readonly running: string | null;
}

export interface Beginning {
  readonly id: string;
  readonly registration: string;
  readonly occasion: 'timer' | 'operator';
  readonly isWhole: boolean;
}

/** A schedule with the sweep that is to begin. */
export interface Started extends Schedule {
  readonly begins?: Beginning;
}
