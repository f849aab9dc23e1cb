import type { Effect } from '../handlers/outcome';
import type { Cause } from '../outbox/outgoing';
import type { EndingState } from './job.definition';

export type Ending = 'done' | 'again' | 'failed' | 'dead';

/** How one run of a job ended, to be recorded. */
export interface Completion extends Run {
  readonly ending: Ending;
  readonly cause: Cause;
  readonly effects: readonly Effect[];
  /** What becomes of the row; without it the job is done and its row removed. */
  readonly next?: {
    readonly state: 'ready' | 'dead';
    readonly at: Date | { readonly afterMs: number };
    readonly isFailure: boolean;
    readonly reason: string;
  };
}

interface Run {
  readonly id: string;
  /** It fences, since every claim raises it: a run whose lease was lost finds another number, or no row, and records nothing. */
  readonly attempts: number;
  /** What is recorded where this can't be, for such as a message that is too large. */
  instead(error: unknown): Completion;
}

/** A run that has ended, and how is decided on a state that is locked in the transaction that records it. */
export interface Undecided extends Run {
  readonly states: EndingState<unknown>;
  readonly key: string;
  decide(state: unknown): { readonly completion: Completion; readonly state?: unknown; readonly recorded?: () => void };
}

export type Ended = Completion | Undecided;
