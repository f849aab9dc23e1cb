import { businessNow, insertJobs, wantedJob, type WantedRow } from './job.repository';
import type { Outbox, Committed } from '../outbox/outbox';
import { addressed, nothing, type Cause } from '../outbox/outgoing';
import type { Effect } from '../handlers/outcome';
import { storableReason } from '../failure';
import { run, type Transaction } from '../transaction';

/** How one run of a job ended, to be recorded. */
export interface Completion {
  readonly id: string;
  /** It fences, since every claim raises it: a run whose lease was lost finds another number, or no row, and records nothing. */
  readonly attempts: number;
  readonly cause: Cause;
  readonly effects: readonly Effect[];
  /** What becomes of the row; without it the job is done and its row removed. */
  readonly next?: {
    readonly state: 'ready' | 'dead';
    readonly at: Date | { readonly afterMs: number };
    readonly isFailure: boolean;
    readonly reason: string;
  };
  /** What is recorded instead where this can't be, for such as a message that is too large: the job is dead, with what its kind does then. */
  asDead(failure: string): Completion;
}

interface HeldRow {
  readonly id: string;
  readonly key: string;
  readonly wanted: string | null;
  readonly overtaken: string | null;
}

/**
 * Records how jobs ended together with their messages and jobs, in one transaction. Gives the ids that were still ours, and those that ended instead of dying
 * since they are overtaken.
 */
export async function completeJobs(
  tx: Transaction,
  schema: string,
  outbox: Outbox,
  aheadMs: number,
  completions: readonly Completion[],
): Promise<{ held: Set<string>; overtaken: Set<string>; committed: Committed }> {
  const rows = await run<HeldRow>(
    tx,
    `select j.id, j.key, j.wanted, j.overtaken from ${schema}.job j join unnest($1::uuid[], $2::int[]) as ended (id, attempts) on j.id = ended.id and j.attempts = ended.attempts
      where j.state = 'running' order by j.id for update of j`,
    [completions.map(({ id }) => id), completions.map(({ attempts }) => attempts)],
  );
  const held = new Set(rows.map(({ id }) => id));
  const ours = completions.filter(({ id }) => held.has(id));
  const marked = new Set(rows.filter((row) => row.overtaken !== null).map(({ id }) => id));
  const overtaken = new Set(ours.filter(({ id, next }) => next?.state === 'dead' && marked.has(id)).map(({ id }) => id));
  const finished = new Set(ours.filter(({ id, next }) => !next || overtaken.has(id)).map(({ id }) => id));
  await run(tx, `delete from ${schema}.job where id = any($1::uuid[])`, [[...finished]]); // before the inserts: a successor may have the same dedupe
  const unfinished = ours.filter(({ id }) => !finished.has(id));
  await postpone(tx, schema, unfinished, aheadMs);

  const successors = rows.flatMap(({ id, wanted }) => (wanted && finished.has(id) ? [wantedJob(JSON.parse(wanted) as WantedRow)] : []));
  if (successors.length > 0) await insertJobs(tx, schema, successors, aheadMs);
  const outgoing = nothing();
  const sender = await outbox.sender(tx);
  for (const { cause, effects } of ours) addressed(sender, cause, effects, outgoing);
  const committed = await outbox.append(tx, outgoing);
  const freed = rows.filter(({ id }) => finished.has(id)).map(({ key }) => key);
  const jobs = committed.jobs || unfinished.length > 0 || (await isAwaited(tx, schema, freed));
  return { held, overtaken, committed: { ...committed, jobs } };
}

/** Whether a job waits for one of the keys. */
async function isAwaited(tx: Transaction, schema: string, keys: readonly string[]): Promise<boolean> {
  if (keys.length === 0) return false;
  const [row] = await run<{ isAwaited: boolean }>(
    tx,
    `select exists (select from ${schema}.job where key = any($1::text[]) and state = 'ready') as "isAwaited"`,
    [keys],
  );
  return row!.isAwaited;
}

async function postpone(tx: Transaction, schema: string, completions: readonly Completion[], aheadMs: number): Promise<void> {
  const rows = completions.flatMap(({ id, next }) => (next ? [{ id, ...next }] : []));
  if (rows.length === 0) return;
  await run(
    tx,
    `update ${schema}.job j
        set state = ended.state,
            run_at = least(coalesce(ended.run_at, ${businessNow('$7')} + ended.after_ms * interval '1 ms'),
                           case when ended.state = 'ready' then (j.wanted::json ->> 'run_at')::timestamptz end),
            failures = case when ended.is_failure then j.failures + 1 else 0 end,
            last_error = ended.reason, lease_until = null, worker = null, wanted = case when ended.state = 'dead' then j.wanted end
       from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::float8[], $5::boolean[], $6::text[])
            as ended (id, state, run_at, after_ms, is_failure, reason)
      where j.id = ended.id`,
    [
      rows.map(({ id }) => id),
      rows.map(({ state }) => state),
      rows.map(({ at }) => (at instanceof Date ? at.toISOString() : null)),
      rows.map(({ at }) => (at instanceof Date ? null : at.afterMs)),
      rows.map(({ isFailure }) => isFailure),
      rows.map(({ reason }) => storableReason(reason)),
      aheadMs,
    ],
  );
}
