import type { Message } from '@landfall/contracts';
import { faultOf, type Failure } from '../dead-letter/attempts';
import type { AnyStages } from '../handlers/stages';
import { addressed, nothing, type Cause, type Outgoing, type Sender } from '../outbox/outgoing';
import { messageOf, type BatchEntry } from './batch.entry';
import { isPlainId, stateKeyOf, type Received } from './received';

/** A message that could not be handled: it becomes a dead letter, and blocks its key. */
export interface Failed<T extends BatchEntry> {
  readonly entry: T;
  readonly failure: Failure;
}

/** What a run of decisions leads to. */
export interface Decided<T extends BatchEntry> {
  /** By the state's key: the last state of each. */
  readonly changedStates: Map<string, unknown>;
  readonly outgoing: Outgoing;
  readonly handled: T[];
  readonly ignored: T[];
  /** At most one per key. */
  readonly failed: Failed<T>[];
  /** Later messages of a blocked key, in order. */
  readonly behind: T[];
}

/**
 * Decides one message after the other, each with the state that the one before it left. A key whose message fails is blocked from there on,
 * as are the keys in `blocked`; `blocked` grows by them.
 */
export function decideInOrder<T extends BatchEntry>(
  entries: readonly T[],
  stages: AnyStages,
  states: ReadonlyMap<string, unknown>,
  sender: Sender,
  blocked: Set<string>,
): Decided<T> {
  const decided: Decided<T> = {
    changedStates: new Map(),
    outgoing: nothing(),
    handled: [],
    ignored: [],
    failed: [],
    behind: [],
  };
  for (const entry of entries) {
    const message = messageOf(entry);
    if (blocked.has(entry.record.key) && !bypasses(stages, message)) {
      decided.behind.push(entry);
      continue;
    }
    const failure = message && !entry.failure ? decideOne(entry, message, stages, states, sender, decided) : entry.failure;
    if (!failure) continue;
    if (blocked.has(entry.record.key)) {
      decided.behind.push(entry); // it might have bypassed the block, and failed by itself
      continue;
    }
    blocked.add(entry.record.key);
    decided.failed.push({ entry, failure });
  }
  return decided;
}

/** Whether a message may go past a dead letter of its key. An author's mistake in that question must not stop the consumer: then it may not. */
export function bypasses(stages: AnyStages, message: Message | undefined): boolean {
  try {
    return message !== undefined && stages.bypassesBlock?.(message) === true;
  } catch {
    return false; // it comes behind the dead letter, where it is decided in its turn
  }
}

function decideOne<T extends BatchEntry>(
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
    const outcome = stages.decide[message.type]!(current, message, entry.facts);
    if (outcome.kind === 'notYet') return { state: 'waiting', reason: outcome.reason };
    const outgoing = nothing();
    addressed(sender, causeOf(entry.record, message), outcome.effects, outgoing);
    decided.outgoing.messages.push(...outgoing.messages);
    decided.outgoing.jobs.push(...outgoing.jobs);
    decided.outgoing.overtakings.push(...outgoing.overtakings);
    if (outcome.kind === 'changed' && outcome.state !== undefined) decided.changedStates.set(key, outcome.state);
    (outcome.kind === 'ignored' ? decided.ignored : decided.handled).push(entry);
    return undefined;
  } catch (error) {
    return faultOf(error);
  }
}

const causeOf = ({ identity }: Received, { id, correlationId, traceparent }: Message): Cause => ({
  id: identity,
  causationId: isPlainId(id) ? id : identity,
  correlationId: isPlainId(correlationId) ? correlationId : identity,
  traceparent: traceparent !== undefined && traceparentPattern.test(traceparent) ? traceparent : undefined,
});

/** W3C Trace Context, version 00. */
const traceparentPattern = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The changed states in key order, so that two writers of new rows wait for each other instead of deadlocking. */
export const inKeyOrder = (states: ReadonlyMap<string, unknown>): unknown[] => [...states].sort(byKey).map(([, state]) => state);

const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0);
