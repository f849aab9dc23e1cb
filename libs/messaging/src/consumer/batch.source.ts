import type { Attempt } from '../handlers/stages';
import type { MessageOutcome } from '../metrics';
import type { FaultPoint } from '../ports';
import type { Transaction } from '../transaction';
import type { BatchEntry } from './batch.entry';
import type { Decided } from './decide';
import type { TopicHandler } from './topic.handler';

/** What of a batch may be decided now; found in the transaction, under its locks. */
export interface Admission<T extends BatchEntry> {
  /** Still there to be handled. */
  readonly present: readonly T[];
  /** Of these, what goes to the stages. */
  readonly due: readonly T[];
  /** Keys that a dead letter blocks. */
  readonly blocked: Set<string>;
  readonly duplicates: number;
}

/** Where the messages of a batch come from: fresh from Kafka, or redelivered from the dead letters. Everything else about handling them is the same. */
export interface BatchSource<T extends BatchEntry> {
  readonly handler: TopicHandler;
  readonly faultPoints: { readonly beforeCommit: FaultPoint; readonly afterCommit?: FaultPoint };
  attemptOf(entry: T): Attempt;
  /** The first step of the transaction: leaves out what is handled already. */
  admit(tx: Transaction, entries: readonly T[]): Promise<Admission<T>>;
  /** The last step before the outbox: keeps what failed, and forgets what is used up. */
  keep(tx: Transaction, admission: Admission<T>, decided: Decided<T>): Promise<void> | void;
  /** What became of the messages, for the metric. */
  countsOf(admission: Admission<T>, decided: Decided<T>): Partial<Record<MessageOutcome, number>>;
  /** After the commit. */
  committed(decided: Decided<T>): void;
}
