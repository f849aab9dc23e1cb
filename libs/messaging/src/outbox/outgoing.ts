import { encodeMessage, stableId, topicNameOf, type Message } from '@landfall/contracts';
import { isJobDraft, isOvertaken, type JobDraft, type Overtaken } from '../jobs/job.draft';
import type { Effect } from '../handlers/outcome';

/** What led to an effect. Messages and jobs are causes; an HTTP request names its own. */
export interface Cause {
  /** The same in every repetition: the ids of the effects are made from it. */
  readonly id: string;
  readonly correlationId?: string;
  readonly traceparent?: string;
  /** What the messages name as their cause, where that is not `id` itself: a job names the message that led to it. */
  readonly causationId?: string;
}

/** A job as it is stored. */
export interface NewJob extends JobDraft {
  readonly id: string;
  readonly causationId: string;
  readonly correlationId: string;
  readonly traceparent?: string;
}

/** A message as it is stored: its bytes are made once, where the decision is. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly key: string;
  readonly messageId: string;
  readonly envelope: string;
}

/** What one transaction sends: messages and jobs, and which jobs it overtakes. */
export interface Outgoing {
  readonly messages: OutgoingMessage[];
  readonly jobs: NewJob[];
  readonly overtakings: Overtaken[];
}

export const nothing = (): Outgoing => ({ messages: [], jobs: [], overtakings: [] });

export interface Sender {
  /** `landfall/<service>` */
  readonly source: string;
  readonly epoch: number;
  /** The transaction's start, ISO 8601. */
  readonly time: string;
}

/** The largest envelope that may be sent: half of what a broker takes at most by default. */
export const largestEnvelopeBytes = 512 * 1024;

/** A message that no broker would take. It is refused where it is made, in the decision, since the relay could never get past it. */
export class MessageTooLarge extends Error {
  readonly code = 'MESSAGE_TOO_LARGE';
  readonly retriable = false;
}

/**
 * Gives effects their identity: id = UUIDv5(cause, type or kind, position in the decision). Whoever repeats the work makes the same ids, so
 * every receiver can distinguish a repetition from something new. `from` continues the positions of an earlier part of the same decision. Throws
 * `MessageTooLarge`, and for a type that no topic lists.
 */
export function addressed(sender: Sender, cause: Cause, effects: readonly Effect[], into: Outgoing, from = 0): void {
  const correlationId = cause.correlationId ?? cause.id;
  const causationId = cause.causationId ?? cause.id;
  effects.forEach((effect, position) => {
    const index = from + position;
    if (isOvertaken(effect)) {
      into.overtakings.push(effect);
    } else if (isJobDraft(effect)) {
      const id = stableId(cause.id, effect.kind, index);
      into.jobs.push({ ...effect, id, causationId, correlationId, traceparent: cause.traceparent });
    } else {
      const id = stableId(cause.id, effect.type, index);
      into.messages.push(packed({ ...effect, ...sender, id, causationId, correlationId, traceparent: cause.traceparent }));
    }
  });
}

function packed(message: Message): OutgoingMessage {
  const envelope = encodeMessage(message);
  const bytes = Buffer.byteLength(envelope);
  if (bytes > largestEnvelopeBytes) throw new MessageTooLarge(`${message.type} has ${bytes} bytes, ${largestEnvelopeBytes} are allowed`);
  return { topic: topicNameOf(message.type), key: message.key, messageId: message.id, envelope };
}
