import type { Message, MessageOf, Topic } from '@landfall/contracts';
import type { Transaction } from '../transaction';
import type { Outcome } from './outcome';

/** How often and since when this message has been tried; what came before it in its key does not count. The first time `number` is 1. */
export interface Attempt {
  readonly number: number;
  /** When the message itself became a dead letter, ISO 8601; undefined where it comes fresh from Kafka. */
  readonly since?: string;
}

type OfType<M extends Message, Type> = Extract<M, { readonly type: Type }>;

/**
 * What a message of one type leads to. Pure. `state` is what `load` read for its key, or what the decision before it left; `facts` is what
 * `enrich` read for the message. The library checks the message here; state and facts are what the table of decisions takes.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- parameters are contravariant: only `any` lets each service have its own state
type Decision<M extends Message> = (state: any, message: M, facts: any) => Outcome<any>;
type Decisions<M extends Message> = { readonly [Type in M['type']]: Decision<OfType<M, Type>> };

/** The state that a table of decisions is about: what its decisions change. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
type StateOf<Table> = Table[keyof Table] extends (...parameters: any) => Outcome<infer State> ? NonNullable<State> : never;
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
type FactsOf<D> = D extends (state: any, message: any, facts: infer Facts) => unknown ? Facts : never;

/** How a service handles the messages of one topic, written for one message. The library locks, counts, sends and keeps dead letters around it. */
interface StagesOf<M extends Message, Table> {
  /**
   * The key of the state that a message is about. Default `message.key`. Order is kept by it, and a message that waits or fails holds up what has
   * the same one, and nothing else: give what may wait by itself, such as one operation of a subscription, a key of its own.
   */
  key?(message: M): string;
  /**
   * False for a message that means nothing to the service, whatever the state is: it costs no transaction, is not remembered, and counts as ignored. It waits behind
   * nothing, so only the message itself may tell. Default: all of the types in `decide` are of interest.
   */
  concerns?(message: M): boolean;
  /**
   * True for a message of which the state itself tells that it was handled: decided once more on the state that it left, or on any later one, it changes nothing and sends
   * nothing that was not sent. Such a message is not remembered by its id, which saves a row. Default: none.
   */
  isKnownByState?(message: M): boolean;
  /** True for a message that nobody waits for: it may wait half a second for others, to share a transaction with them. Default: none. */
  mayWait?(message: M): boolean;
  /**
   * By message type, reads from outside before the transaction; may run again, 1 s at most per message. A throw takes the message and the later
   * ones of its key out of the batch, to be tried again on their own; an error with `isAway = true` says that the source is away, which
   * counts no attempt.
   */
  readonly enrich?: { readonly [Type in keyof Table]?: (message: OfType<M, Type>, attempt: Attempt) => Promise<FactsOf<Table[Type]>> };
  /**
   * True for a message that may be handled although an earlier one of its key is a dead letter: one that makes the earlier ones obsolete, such as
   * what shows the end of a subscription, or one that needs none of them, such as an answer that stands by itself. Default: none.
   */
  bypassesBlock?(message: M): boolean;
  /** Locks and reads every row of the batch in one query. The keys come sorted and unique: lock in their order. */
  load?(tx: Transaction, keys: string[]): Promise<Map<string, StateOf<Table>>>;
  /** Message type → decision. */
  readonly decide: Table;
  /** Writes the changed states in one statement, each once, in key order. */
  save?(tx: Transaction, states: StateOf<Table>[]): void | Promise<void>;
}

/** The same for the library, which knows no message by name. */
export interface AnyStages {
  readonly topic: Topic;
  key?(message: Message): string;
  concerns?(message: Message): boolean;
  isKnownByState?(message: Message): boolean;
  mayWait?(message: Message): boolean;
  readonly enrich?: Readonly<Record<string, (message: Message, attempt: Attempt) => Promise<unknown>>>;
  bypassesBlock?(message: Message): boolean;
  load?(tx: Transaction, keys: string[]): Promise<Map<string, unknown>>;
  readonly decide: Readonly<Record<string, (state: unknown, message: Message, facts: unknown) => Outcome<unknown>>>;
  save?(tx: Transaction, states: unknown[]): void | Promise<void>;
}

/** What a method with `@Consumes` returns; built by `stages`. */
export interface ConsumerStages<T extends Topic = Topic> extends AnyStages {
  readonly topic: T;
}

type Handled<T extends Topic> = MessageOf<T> & Message;

/**
 * Declares what happens to the messages of a topic: `@Consumes(topic) onX() { return stages(topic, { load, decide, save }); }`. The compiler asks
 * for a decision about every message of the topic. Messages are decided in the order in which they were sent.
 */
export const stages = <T extends Topic, Table extends Decisions<Handled<T>>>(
  topic: T,
  definition: StagesOf<Handled<T>, Table>,
): ConsumerStages<T> => ({ ...(definition as unknown as AnyStages), topic });

/** The same for a service to which only some messages of the topic mean something: every other one is counted as ignored, and never decided. */
export const stagesForSome = <T extends Topic, Table extends Partial<Decisions<Handled<T>>>>(
  topic: T,
  definition: StagesOf<Handled<T>, Table>,
): ConsumerStages<T> => ({ ...(definition as unknown as AnyStages), topic });

/** The same decision for every message of a topic. */
export const everyMessage = <T extends Topic, D extends Decision<Handled<T>>>(topic: T, decide: D) =>
  Object.fromEntries([...topic.definitions.keys()].map((type) => [type, decide])) as { readonly [Type in Handled<T>['type']]: D };

/** Thrown by `enrich`: the source answered, but what the decision needs is not there yet. It is asked again. */
export class FactsMissing extends Error {
  readonly code = 'FACTS_MISSING';
  readonly retriable = true;
}
