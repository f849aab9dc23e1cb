import type { Draft } from '@landfall/contracts';
import type { JobDraft, Overtaken } from '../jobs/job.draft';

/** What a decision leads to beside the new state: a message to publish, a job that writes to the outside, or the end of jobs that nobody needs any more. */
export type Effect = Draft | JobDraft | Overtaken;

export interface Changed<State> {
  readonly kind: 'changed';
  readonly state: State;
  readonly effects: readonly Effect[];
}
export interface Declined {
  readonly kind: 'refused' | 'ignored' | 'notYet';
  /** For logs, counters and the answer of an HTTP endpoint: no personal data. */
  readonly reason: string;
  readonly effects: readonly Effect[];
}
/** What `decide` returns. Build it with `changed`, `refused`, `ignored` or `notYet`. */
export type Outcome<State> = Changed<State> | Declined;

const none: readonly Effect[] = [];

/** The state becomes this and the effects are committed with it. A service without a state of its own passes `undefined`. */
export const changed = <State>(state: State, ...effects: Effect[]): Outcome<State> => ({ kind: 'changed', state, effects });

/** The answer is no. An HTTP endpoint answers 409 with the reason; a consumer counts the message as handled. The effects are committed. */
export const refused = (reason: string, ...effects: Effect[]): Outcome<never> => ({ kind: 'refused', reason, effects });

/** The message means nothing here, or nothing new. It is used up; the effects are committed. */
export const ignored = (reason: string, ...effects: Effect[]): Outcome<never> => ({ kind: 'ignored', reason, effects });

/**
 * Something that must come first has not come. The message leaves the batch together with the later ones of its key and is tried again
 * (0.25 s, 1 s, 5 s, 60 s … 15 min) for about a day. An HTTP endpoint answers 409 and when to come again.
 */
export const notYet = (reason: string): Outcome<never> => ({ kind: 'notYet', reason, effects: none });
