import type { Difference } from '@landfall/contracts';
import type { Asked, Finding } from '../reconciliation';

/** A sweep that keeps a finding back: its question may be open, answered, or replaced by that of a newer sweep. */
export interface Keeper extends Pick<Asked, 'id' | 'asks' | 'answers'> {
  readonly state: 'running' | 'complete' | 'incomplete';
  /** What it found counts: of a complete one, and of one that has not come to its end where nobody was asked already. */
  readonly hasFound: boolean;
}

/** What sweeps have left of a subscription, beside the record. */
export interface Leftover {
  readonly subscriptionId: string;
  /** Of the record; null where that has nothing of it. */
  readonly status: string | null;
  readonly finding: Finding | null;
  /** The newest first: the sweep that found it, and one whose question was open then. */
  readonly keepers: readonly Keeper[];
  /** The sweep whose answer is about it, and as what that had found it; null: none is, or Microsoft has shown it alive since. */
  readonly answeredIn: string | null;
  readonly answeredAs: Finding | null;
  /** That answer is a dismissal. */
  readonly isDismissed: boolean;
  /** How many complete sweeps in a row have not shown it, the last of them, and when the first of them counted it. */
  readonly missed: number;
  readonly missedIn: string | null;
  readonly missingSince: string | null;
  /** An operator has said so. */
  readonly mayBeMissing: boolean;
  /** What subscription has been told of it. */
  readonly told: Difference | null;
  /** By the database's clock. */
  readonly now: string;
}
