import type { Message } from '@landfall/contracts';
import type { Outcome } from './outcome';
import type { Transaction } from './transaction';

/** How often and since when a message has been tried. The first time `number` is 1. */
export interface Trial {
  readonly number: number;
  /** When the message was first put aside, ISO 8601; undefined in the first trial. */
  readonly since?: string;
}

/** How a service handles a batch. The library locks, counts, sends and parks around these. */
export interface Stages<M extends Message, State, Gathered = undefined> {
  /** The key of the state that a message is about. Default `message.key`; lane, order and parking always follow `message.key`. */
  key?(message: M): string;
  /**
   * Reads from outside, before the transaction; may run again, 1 s at most per message. A throw sets the message and the later ones of its
   * key aside, to be tried again on their own; an error with `isAway = true` says that the source is away, which counts no attempt.
   */
  gather?(message: M, trial: Trial): Promise<Gathered>;
  /**
   * True for a message that may be handled although an earlier one of its key stands still: one that makes the earlier ones obsolete, such as
   * an `Unsubscribed`, or a fresh observation that heals. Default: none.
   */
  passes?(message: M): boolean;
  /** Locks and reads every row of the batch in one query. The keys come sorted and unique: lock in their order. */
  load?(tx: Transaction, keys: string[]): Promise<Map<string, State>>;
  /** Pure; one message at a time, in the order in which they were sent, with the state that the one before it left. */
  decide(state: State | undefined, message: M, gathered: Gathered): Outcome<State>;
  /** Writes the changed states in one statement, each once, in key order. */
  save?(tx: Transaction, states: State[]): Promise<void>;
}

/** Thrown by `gather`: the source answered, but what the decision needs is not there yet. It is asked again. */
export class FactsMissing extends Error {
  readonly code = 'FACTS_MISSING';
  readonly retriable = true;
}
