import type { Message } from '@landfall/contracts';
import { faultOf, type Failure } from './failure';
import { addressed, type Cause, type Outgoing, type Sender } from './outgoing';
import type { Received } from './received';
import type { Stages } from './stages';

/** A record on its way through one run of the stages. */
export interface Trialed {
  readonly record: Received;
  gathered?: unknown;
  /** Found before the decision: unreadable bytes, missing facts, SQL that refused it. */
  failure?: Failure;
}

export interface SetAside<T extends Trialed> {
  readonly entry: T;
  readonly failure: Failure;
}

/** What a run of decisions leads to. */
export interface Decided<T extends Trialed> {
  /** By the state's key: the last state of each. */
  readonly changedStates: Map<string, unknown>;
  readonly outgoing: Outgoing;
  readonly handled: T[];
  readonly ignored: T[];
  /** At most one per key. */
  readonly setAside: SetAside<T>[];
  /** Later messages of a key that stands still, in order. */
  readonly behind: T[];
}

export type AnyStages = Stages<Message, unknown, unknown>;

export const messageOf = (entry: Trialed): Message | undefined =>
  entry.record.decoded.kind === 'message' ? (entry.record.decoded.message as Message) : undefined;

export const stateKeyOf = (stages: AnyStages, message: Message): string => stages.key?.(message) ?? message.key;

/**
 * Decides one message after the other, each with the state that the one before it left. A key whose message fails stands still from there on,
 * as do the keys in `stopped`; `stopped` grows by them.
 */
export function decideInOrder<T extends Trialed>(
  entries: readonly T[],
  stages: AnyStages,
  states: ReadonlyMap<string, unknown>,
  sender: Sender,
  stopped: Set<string>,
): Decided<T> {
  const decided: Decided<T> = {
    changedStates: new Map(),
    outgoing: { messages: [], jobs: [] },
    handled: [],
    ignored: [],
    setAside: [],
    behind: [],
  };
  for (const entry of entries) {
    const message = messageOf(entry);
    if (stopped.has(entry.record.key) && !(message && stages.passes?.(message))) {
      decided.behind.push(entry);
      continue;
    }
    const failure = message && !entry.failure ? decideOne(entry, message, stages, states, sender, decided) : entry.failure;
    if (!failure) continue;
    if (stopped.has(entry.record.key)) {
      decided.behind.push(entry); // it might have passed, and failed by itself
      continue;
    }
    stopped.add(entry.record.key);
    decided.setAside.push({ entry, failure });
  }
  return decided;
}

function decideOne<T extends Trialed>(
  entry: T,
  message: Message,
  stages: AnyStages,
  states: ReadonlyMap<string, unknown>,
  sender: Sender,
  decided: Decided<T>,
): Failure | undefined {
  try {
    const key = stateKeyOf(stages, message);
    const current = decided.changedStates.has(key) ? decided.changedStates.get(key) : states.get(key);
    const outcome = stages.decide(current, message, entry.gathered);
    if (outcome.kind === 'notYet') return { state: 'waiting', reason: outcome.reason };
    const outgoing: Outgoing = { messages: [], jobs: [] };
    addressed(sender, causeOf(entry.record, message), outcome.effects, outgoing);
    decided.outgoing.messages.push(...outgoing.messages);
    decided.outgoing.jobs.push(...outgoing.jobs);
    if (outcome.kind === 'changed' && outcome.state !== undefined) decided.changedStates.set(key, outcome.state);
    (outcome.kind === 'ignored' ? decided.ignored : decided.handled).push(entry);
    return undefined;
  } catch (error) {
    return faultOf(error);
  }
}

const causeOf = ({ identity }: Received, { id, correlationId, traceparent }: Message): Cause => ({
  id: identity,
  causationId: id,
  correlationId,
  traceparent,
});

/** The changed states in key order, so that two writers of new rows wait for each other instead of deadlocking. */
export const inKeyOrder = (states: ReadonlyMap<string, unknown>): unknown[] => [...states].sort(byKey).map(([, state]) => state);

const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0);
