import type { AnyJobDefinition, EndOn, JobEnd, JobOutcome } from './job.definition';
import type { JobRow } from './job.repository';
import type { Completion, Ended, Ending, Undecided } from './job.ended';
import type { Effect } from '../handlers/outcome';
import { isAway, isDatabaseAway, isPermanent, reasonOf } from '../failure';
import type { Randomness } from '../ports';

const second = 1000;
const longestBackOffMs = 60 * 60 * second;
/** A job that is older counts what looks like an outage of the database: it may be the job that is always too slow. */
const longestOutageMs = 24 * 60 * 60 * second;
/** While a source or the database is away, and how far a Retry-After may reach. */
const awayMs = 5 * second;
const longestRetryAfterMs = 24 * 60 * 60 * second;

export type RunResult = { readonly outcome: JobOutcome } | { readonly error: unknown };

/** What a job is to be performed with, as its schema reads it. */
export interface CheckedPayload {
  readonly data: unknown;
}

/**
 * What the end of a run means for the job: done, once more, or dead; or who decides that in the transaction that records it. `payload` is null where it could not be
 * read, or broke its schema: `onDead` gets nothing that was not checked, so the job dies without it, and its reason says so.
 */
export function endingOf(
  row: JobRow,
  definition: AnyJobDefinition,
  payload: CheckedPayload | null,
  result: RunResult,
  now: number,
  randomness: Randomness,
): Ended {
  const { id, attempts } = row;
  const cause = {
    id: `${id}/${attempts}`,
    causationId: row.causationId,
    correlationId: row.correlationId,
    traceparent: row.traceparent ?? undefined,
  };
  const complete = (ending: Ending, effects: readonly Effect[], next?: Completion['next']): Completion => ({
    ...{ id, attempts, cause, ending, effects, next },
    instead: (error) => deadOf(`its end can't be recorded: ${reasonOf(error)}`),
  });
  const died = (effects: readonly Effect[], reason: string): Completion => ({
    ...complete('dead', effects, { state: 'dead', at: { afterMs: 0 }, isFailure: true, reason }),
    instead: (error) => died([], `${reason}; its effects can't be recorded: ${reasonOf(error)}`), // dead all the same, and alarmed
  });
  const deadOf = (reason: string): Completion => {
    if (!definition.onDead) return died([], reason);
    if (!payload) return died([], `${reason}; what its kind does then needs that, and was not done`);
    try {
      return died(definition.onDead(payload.data, reason), reason);
    } catch (error) {
      return died([], `${reason}; its onDead failed: ${reasonOf(error)}`);
    }
  };
  const failed = (error: unknown): Completion => {
    const reason = reasonOf(error);
    if (isPermanent(error)) return deadOf(reason);
    const isCounted = !isAway(error) && !(isDatabaseAway(error) && row.ageMs <= longestOutageMs);
    if (isCounted && row.failures + 1 >= definition.limits.failures)
      return deadOf(`given up after ${row.failures + 1} failures: ${reason}`);
    const afterMs = backOff(error, isCounted, row.failures, randomness);
    if (row.deadline && now + afterMs > row.deadline.getTime())
      return deadOf(`its deadline passes before it could be tried again: ${reason}`);
    return complete('failed', [], { state: 'ready', at: { afterMs }, isFailure: isCounted, reason });
  };
  const ended = (end: JobEnd): Completion => {
    switch (end.kind) {
      case 'done':
        return complete('done', end.effects);
      case 'again':
        return complete('again', [], { state: 'ready', at: end.at, isFailure: false, reason: end.reason });
      case 'dead':
        return deadOf(end.reason);
    }
  };

  if ('error' in result) return failed(result.error);
  const { outcome } = result;
  if (outcome.kind !== 'ends-on') return ended(outcome);
  const { states, key } = outcome;
  return { ...{ id, attempts, states, key }, instead: failed, decide: (state) => decided(() => outcome.decide(state), ended, failed) };
}

/** A decision that throws is a run that failed, and changes nothing. */
function decided(
  decide: () => EndOn<unknown>,
  ended: (end: JobEnd) => Completion,
  failed: (error: unknown) => Completion,
): ReturnType<Undecided['decide']> {
  try {
    const { outcome, effects, ...rest } = decide();
    const completion = ended(outcome);
    return { ...rest, completion: { ...completion, effects: [...effects, ...completion.effects] } };
  } catch (error) {
    return { completion: failed(error) };
  }
}

/** 1 s doubling to 1 h, ± 10 %; what the other side asked for where it did. */
function backOff(error: unknown, isCounted: boolean, failures: number, randomness: Randomness): number {
  const asked = (error as { retryAfterMs?: unknown } | undefined)?.retryAfterMs;
  if (typeof asked === 'number' && asked >= 0) return Math.min(asked, longestRetryAfterMs);
  const delayMs = !isCounted ? awayMs : Math.min(second * 2 ** failures, longestBackOffMs);
  return delayMs * (0.9 + 0.2 * randomness.next());
}
