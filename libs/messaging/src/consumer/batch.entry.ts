import type { Message } from '@landfall/contracts';
import type { Failure } from '../dead-letter/attempts';
import type { AnyStages } from '../handlers/stages';
import type { Received } from './received';

/** A record on its way through the stages. */
export interface BatchEntry {
  readonly record: Received;
  facts?: unknown;
  /** Found before the decision: unreadable bytes, missing facts, SQL that refused it. */
  failure?: Failure;
}

export const messageOf = ({ record: { decoded } }: BatchEntry): Message | undefined =>
  decoded.kind === 'message' ? (decoded.message as Message) : undefined;

/** False for what the service ignores: types that no contract knows or that its table of decisions does not hold, and what it says is of no interest. */
export const concerns = (stages: AnyStages, { record: { decoded } }: BatchEntry): boolean =>
  decoded.kind === 'broken' || (decoded.kind === 'message' && isOfInterest(stages, decoded.message as Message));

/** An author's mistake in that question must not lose a message: it is decided in its turn. */
function isOfInterest(stages: AnyStages, message: Message): boolean {
  try {
    return stages.concerns?.(message) ?? true;
  } catch {
    return true;
  }
}

/** Whether the state tells that the message was handled. What failed before its decision is remembered, and so is a message about which the author's code can't tell. */
export function isKnownByState(stages: AnyStages, entry: BatchEntry): boolean {
  const message = messageOf(entry);
  if (!message || entry.failure) return false;
  try {
    return stages.isKnownByState?.(message) === true;
  } catch {
    return false;
  }
}
