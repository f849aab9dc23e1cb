import type { AnyJobDefinition, JobOutcome } from './job.definition';
import type { JobRow } from './job.repository';
import type { Completion } from './job.completion';
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
export type Ending = 'done' | 'again' | 'failed' | 'dead';

/** What a job is to be performed with, as its schema reads it. */
export interface CheckedPayload {
  readonly data: unknown;
}

/**
 * What the end of a run means for the job: done, once more, or dead. `payload` is null where it could not be read, or broke its schema: `onDead` gets nothing that was
 * not checked, so the job dies without it, and its reason says so.
 */
export function endingOf(
  row: JobRow,
  definition: AnyJobDefinition,
  payload: CheckedPayload | null,
  result: RunResult,
  now: number,
  randomness: Randomness,
): { ending: Ending; completion: Completion } {
  const cause = {
    id: `${row.id}/${row.attempts}`,
    causationId: row.causationId,
    correlationId: row.correlationId,
    traceparent: row.traceparent ?? undefined,
  };
  const complete = (effects: readonly Effect[], next?: Completion['next']): Completion => ({
    id: row.id,
    attempts: row.attempts,
    cause,
    effects,
    next,
    asDead: (failure) => deadOf(`its end can't be recorded: ${failure}`),
  });
  const died = (effects: readonly Effect[], reason: string): Completion => ({
    ...complete(effects, { state: 'dead', at: { afterMs: 0 }, isFailure: true, reason }),
    asDead: (failure) => died([], `${reason}; its effects can't be recorded: ${failure}`), // dead all the same, and alarmed
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
  const deadWith = (reason: string) => ({ ending: 'dead' as const, completion: deadOf(reason) });

  if ('error' in result) {
    const { error } = result;
    const reason = reasonOf(error);
    if (isPermanent(error)) return deadWith(reason);
    const isCounted = !isAway(error) && !(isDatabaseAway(error) && row.ageMs <= longestOutageMs);
    if (isCounted && row.failures + 1 >= definition.limits.failures)
      return deadWith(`given up after ${row.failures + 1} failures: ${reason}`);
    const afterMs = backOff(error, isCounted, row.failures, randomness);
    if (row.deadline && now + afterMs > row.deadline.getTime())
      return deadWith(`its deadline passes before it could be tried again: ${reason}`);
    return { ending: 'failed', completion: complete([], { state: 'ready', at: { afterMs }, isFailure: isCounted, reason }) };
  }
  const { outcome } = result;
  switch (outcome.kind) {
    case 'done':
      return { ending: 'done', completion: complete(outcome.effects) };
    case 'again':
      return { ending: 'again', completion: complete([], { state: 'ready', at: outcome.at, isFailure: false, reason: outcome.reason }) };
    case 'dead':
      return deadWith(outcome.reason);
  }
}

/** 1 s doubling to 1 h, ± 10 %; what the other side asked for where it did. */
function backOff(error: unknown, isCounted: boolean, failures: number, randomness: Randomness): number {
  const asked = (error as { retryAfterMs?: unknown } | undefined)?.retryAfterMs;
  if (typeof asked === 'number' && asked >= 0) return Math.min(asked, longestRetryAfterMs);
  const delayMs = !isCounted ? awayMs : Math.min(second * 2 ** failures, longestBackOffMs);
  return delayMs * (0.9 + 0.2 * randomness.next());
}
