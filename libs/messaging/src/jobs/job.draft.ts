/** A wish to write to the outside. `decide` returns it beside its messages; it is committed with the state, or not at all. */
export interface JobDraft<Payload = unknown> {
  readonly kind: string;
  /** The oldest job of a key goes first and holds the key until it is done, also while it backs off. */
  readonly key: string;
  readonly payload: Payload;
  /** At most one job per kind and value exists; a second draft only brings the first one forward. */
  readonly dedupe?: string;
  /** Not before this moment, ISO 8601. It comes with the message; where it would be made from this machine's clock, give `afterMs`. */
  readonly runAt?: string;
  /** Not before so many milliseconds after the commit's transaction began, by the database's clock: those of the service's copies differ. */
  readonly afterMs?: number;
  /** Jobs with the nearest deadline go first. A failure that could only be tried again after it is the last. ISO 8601. */
  readonly deadline?: string;
  readonly bypassesDead?: boolean;
  /** Where a job of this kind and `dedupe` has died, it is begun anew with this payload. */
  readonly retriesDead?: boolean;
}

/** Distinguishes the jobs among the effects of a decision. */
export const isJobDraft = (effect: object): effect is JobDraft => 'kind' in effect;

/** What jobs were for is over without them: none of them may hold its key, or call an operator, any more. */
export interface Overtaken {
  /** The kind of the jobs. */
  readonly overtaken: string;
  readonly key: string;
  /** `key` is what the keys of those begin with that are meant; and only dead ones are. */
  readonly isKeyStart?: true;
  /** For the log: no personal data. */
  readonly reason: string;
}

/** Distinguishes it from the messages and jobs among the effects of a decision. */
export const isOvertaken = (effect: object): effect is Overtaken => 'overtaken' in effect;
