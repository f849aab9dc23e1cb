import type { z } from 'zod';
import { storableKey } from '../key';
import type { Effect } from '../handlers/outcome';
import type { JobDraft, Overtaken } from './job.draft';
import type { Transaction } from '../transaction';

/** A job while it is performed. */
export interface Job<Payload = unknown> extends JobDraft<Payload> {
  readonly id: string;
  /** 1 in the first run. Runs that ended in a crash count. */
  readonly attempts: number;
  readonly createdAt: string;
  /** Since it was stored, or retried after it had died, when this run began, in milliseconds: by the database's clock, as all times of jobs. */
  readonly ageMs: number;
  readonly correlationId: string;
  /** It had died, and was begun anew: by an operator, or by a draft where its kind says so (`retriesDead`). `ageMs` counts from then. */
  readonly isRetried: boolean;
  /** The message or request that led to the job. */
  readonly causationId: string;
  readonly traceparent?: string;
}

/** How a run ends. */
export type JobEnd =
  | { readonly kind: 'done'; readonly effects: readonly Effect[] }
  | { readonly kind: 'again'; readonly at: Date | { readonly afterMs: number }; readonly reason: string }
  | { readonly kind: 'dead'; readonly reason: string };

/** Rows of the service on which the ends of runs are decided. */
export interface EndingState<State> {
  /** Locks and reads the rows of all runs that end together in one query. The keys come sorted and unique: lock in their order. */
  load(tx: Transaction, keys: string[]): Promise<Map<string, State>>;
  /** Writes the changed states in one statement, each once, in key order. */
  save(tx: Transaction, states: State[]): void | Promise<void>;
}

/** What the end of a run comes to on the state as it is by then. */
export interface EndOn<State> {
  /** What the state becomes; without it, it stays. */
  readonly state?: State;
  /** Committed however the run ends, also where it goes on. */
  readonly effects: readonly Effect[];
  readonly outcome: JobEnd;
  /** Called once all of it is committed, and never where the job was another's by then: for logs and metrics. */
  readonly recorded?: () => void;
}

interface EndsOn {
  readonly kind: 'ends-on';
  readonly states: EndingState<unknown>;
  readonly key: string;
  decide(state: unknown): EndOn<unknown>;
}

export type JobOutcome = JobEnd | EndsOn;

/** The job is finished; these messages and jobs are recorded with that, in one transaction. */
export const done = (...effects: Effect[]): JobEnd => ({ kind: 'done', effects });

/** Not an error: the job runs once more, its key stays held. It may do so for ever; a poll bounds itself by `job.ageMs`. */
export const again = (at: Date | { afterMs: number }, reason: string): JobEnd => ({ kind: 'again', at, reason });

/** The job can never be done. It holds its key and raises an alarm until an operator retries or discards it. */
export const dead = (reason: string): JobEnd => ({ kind: 'dead', reason });

/**
 * The end is decided on a state of the service, which is locked and saved in the transaction in which the end is recorded: together with those of all runs that end at
 * that moment. `decide` is pure, and may be called again; where it throws, the run has failed. `states` is the same object for all runs of a kind.
 */
export const endsOn = <State>(states: EndingState<State>, key: string, decide: (state: State | undefined) => EndOn<State>): JobOutcome => ({
  kind: 'ends-on',
  states: states as EndingState<unknown>,
  key,
  decide: decide as (state: unknown) => EndOn<unknown>,
});

export interface JobLimits {
  /** Jobs of this kind that one process performs at the same time. Default 16. */
  readonly concurrency?: number;
  /** Without a renewal for this long, another process takes the job over. Renewed at a third of it. Default 30 s. */
  readonly leaseMs?: number;
  /** How much later than it is due a job may begin, to begin together with others: for what nobody waits for. One that is due at once begins at once. Default 0. */
  readonly lateMs?: number;
  /** Failures (thrown errors and crashes) in a row until the job is dead. Default 40: about 28 hours of back-off. */
  readonly failures?: number;
}

export interface JobOptions<Payload> {
  /** Choose with care, 1,024 bytes at most (a digest stands in for a longer one): jobs that change one thing outside share its key; a poll or a timer has a key of its own. */
  readonly key: (payload: Payload) => string;
  readonly dedupe?: (payload: Payload) => string;
  readonly limits?: JobLimits;
  /** It may run although a dead job holds its key. For a cancellation, which no broken change may hold up. */
  readonly bypassesDead?: boolean;
  /** A draft of the same `dedupe` begins it anew where it has died, with the draft's payload. Else it stays dead, and the draft waits behind it. */
  readonly retriesDead?: boolean;
  /** Messages and jobs for when a job of this kind died. Recorded in the transaction that marks it dead. */
  readonly onDead?: (payload: Payload, reason: string) => Effect[];
}

/** When a job runs: one of `runAt` and `afterMs`, or neither for at once. */
export type JobTimes = Pick<JobDraft, 'runAt' | 'afterMs' | 'deadline'>;

/** Type, check and constructor of one kind of job. */
export interface JobDefinition<Kind extends string = string, Schema extends z.ZodType = z.ZodType> {
  (payload: z.infer<Schema>, when?: JobTimes): JobDraft<z.infer<Schema>> & { readonly kind: Kind };
  readonly kind: Kind;
  readonly schema: Schema;
  readonly limits: Required<JobLimits>;
  readonly onDead?: (payload: z.infer<Schema>, reason: string) => Effect[];
}
// The parameter of a function type is contravariant: only `any` lets every definition be a JobDefinition.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyJobDefinition = JobDefinition<string, any>;
/** The job that a performer of this definition receives. */
export type JobOf<D extends AnyJobDefinition> = Job<z.infer<D['schema']>>;

const storable = (dedupe: string | undefined): string | undefined => (dedupe === undefined ? undefined : storableKey(dedupe));

const defaultLimits: Required<JobLimits> = { concurrency: 16, leaseMs: 30_000, lateMs: 0, failures: 40 };
const kindPattern = /^[a-z]+(-[a-z]+)*$/;

/** Defines a kind of job. The kind is stored, so it can't be renamed while jobs of it exist. */
export function defineJob<Kind extends string, Schema extends z.ZodType>(
  kind: Kind,
  schema: Schema,
  options: JobOptions<z.infer<Schema>>,
): JobDefinition<Kind, Schema> {
  if (!kindPattern.test(kind)) throw new Error(`${kind} is not a kind of job: write lower case words with hyphens`);
  const draft = (payload: z.infer<Schema>, when: JobTimes = {}) => ({
    kind,
    key: storableKey(options.key(payload)),
    payload,
    dedupe: storable(options.dedupe?.(payload)),
    bypassesDead: options.bypassesDead,
    retriesDead: options.retriesDead,
    ...when,
  });
  return Object.assign(draft, { kind, schema, limits: { ...defaultLimits, ...options.limits }, onDead: options.onDead });
}

/**
 * An effect, as a message or a job is: the jobs of this kind and key that exist are overtaken when it is committed. A dead one ends, and its key goes on. One that
 * waits or runs goes on, since it may have somebody to answer; but where it would die it ends instead, with what its kind does then (`onDead`). What is
 * drafted in the same transaction or later is new, and is not meant. `key` is what the definition's own `key` gives.
 */
export const overtaken = (definition: AnyJobDefinition, key: string, reason: string): Overtaken => ({
  overtaken: definition.kind,
  key: storableKey(key),
  reason,
});

/**
 * As `overtaken`, of all dead jobs of this kind whose keys begin with `keyStart`: where what is over had many, of which nobody has a list. One that is not dead yet is
 * left as it is. A key for which a digest stands in begins with nothing.
 */
export const overtakenDead = (definition: AnyJobDefinition, keyStart: string, reason: string): Overtaken => ({
  ...overtaken(definition, keyStart, reason),
  isKeyStart: true,
});
