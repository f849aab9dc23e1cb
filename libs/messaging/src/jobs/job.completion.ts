import { businessNow, insertJobs, wantedJob, type WantedRow } from './job.repository';
import type { Completion, Ended } from './job.ended';
import { lockStates } from './job.states';
import type { Outbox, Committed } from '../outbox/outbox';
import { addressed, nothing } from '../outbox/outgoing';
import { storableReason } from '../failure';
import { run, write, type Transaction } from '../transaction';

/** What was recorded in one transaction. */
export interface Completed {
  /** The ends of those runs whose jobs were still ours, by the job's id. */
  readonly held: ReadonlyMap<string, Completion>;
  /** Those that have ended instead of dying, since they are overtaken. */
  readonly overtaken: ReadonlySet<string>;
  readonly committed: Committed;
  /** To be called once all of it is committed. */
  readonly recorded: readonly (() => void)[];
}

interface HeldRow {
  readonly id: string;
  readonly key: string;
  readonly wanted: string | null;
  readonly overtaken: string | null;
}

/**
 * Records how jobs ended together with their messages and jobs, in one transaction. The states on which ends are decided are locked before the rows of the jobs, as
 * consumers lock them.
 */
export async function completeJobs(
  tx: Transaction,
  schema: string,
  outbox: Outbox,
  aheadMs: number,
  runs: readonly Ended[],
): Promise<Completed> {
  const [states, rows] = await Promise.all([lockStates(tx, runs), lockHeld(tx, schema, runs)]); // sent together, and in this order
  const ids = new Set(rows.map(({ id }) => id));
  const { completions, recorded } = states.decide(runs.filter(({ id }) => ids.has(id)));
  await states.save(tx);
  const held = new Map(completions.map((completion) => [completion.id, completion]));
  const marked = new Set(rows.filter((row) => row.overtaken !== null).map(({ id }) => id));
  const overtaken = new Set(completions.filter(({ id, next }) => next?.state === 'dead' && marked.has(id)).map(({ id }) => id));
  const finished = new Set(completions.filter(({ id, next }) => !next || overtaken.has(id)).map(({ id }) => id));
  if (finished.size > 0) write(tx, `delete from ${schema}.job where id = any($1::uuid[])`, [[...finished]]); // before the inserts: a successor may have the same dedupe
  const unfinished = completions.filter(({ id }) => !finished.has(id));
  postpone(tx, schema, unfinished, aheadMs);

  const successors = rows.flatMap(({ id, wanted }) => (wanted && finished.has(id) ? [wantedJob(JSON.parse(wanted) as WantedRow)] : []));
  if (successors.length > 0) insertJobs(tx, schema, successors, aheadMs);
  const outgoing = nothing();
  const sender = await outbox.sender(tx);
  for (const { cause, effects } of completions) addressed(sender, cause, effects, outgoing);
  const freed = rows.filter(({ id }) => finished.has(id)).map(({ key }) => key);
  const [committed, isFreed] = await Promise.all([outbox.append(tx, outgoing), isAwaited(tx, schema, freed)]);
  const jobs = committed.jobs || unfinished.length > 0 || successors.length > 0 || isFreed;
  return { held, overtaken, committed: { ...committed, jobs }, recorded };
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

/** The rows of those that are still ours. */
function lockHeld(tx: Transaction, schema: string, runs: readonly Ended[]): Promise<HeldRow[]> {
  return run<HeldRow>(
    tx,
    `select j.id, j.key, j.wanted, j.overtaken
       from ${schema}.job j join unnest($1::uuid[], $2::int[]) as ended (id, attempts) on j.id = ended.id and j.attempts = ended.attempts
      where j.state = 'running' order by j.id for update of j`,
    [runs.map(({ id }) => id), runs.map(({ attempts }) => attempts)],
  );
}

function postpone(tx: Transaction, schema: string, completions: readonly Completion[], aheadMs: number): void {
  const rows = completions.flatMap(({ id, next }) => (next ? [{ id, ...next }] : []));
  if (rows.length === 0) return;
  write(
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
