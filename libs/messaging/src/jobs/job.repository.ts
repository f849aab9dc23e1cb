import type { NewJob } from '../outbox/outgoing';
import { run, write, type Transaction } from '../transaction';

/**
 * Stores jobs with the decision that asked for them. A job of a known id, or whose `dedupe` exists, is not stored twice: the existing one comes
 * forward to the earlier `run_at`. While that one is running it may have read the outside too early, and while it is dead it does nothing: the newcomer
 * is kept in `wanted` and takes its place afterwards, or begins a dead one anew (`retriesDead`).
 */
export function insertJobs(tx: Transaction, schema: string, jobs: readonly NewJob[], aheadMs: number): void {
  const unique = oncePerDedupe(jobs);
  retryDead(tx, schema, unique, aheadMs);
  write(
    tx,
    `insert into ${schema}.job as existing
            (id, kind, key, payload, dedupe, bypasses_dead, run_at, deadline, causation_id, correlation_id, traceparent, created_at)
     select id, kind, key, payload, dedupe, bypasses_dead, coalesce(run_at, ${businessNow('$13')} + after_ms * interval '1 ms'), deadline,
            causation_id, correlation_id, traceparent, ${businessNow('$13')}
       from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::timestamptz[], $8::float8[], $9::timestamptz[],
                   $10::text[], $11::text[], $12::text[]) with ordinality
            as drafted (id, kind, key, payload, dedupe, bypasses_dead, run_at, after_ms, deadline, causation_id, correlation_id, traceparent,
                        position)
      where not exists (select from ${schema}.job known where known.id = drafted.id)
      order by position
     on conflict (kind, dedupe) where dedupe is not null do update
        set run_at = case when existing.state = 'ready' then least(existing.run_at, excluded.run_at) else existing.run_at end,
            wanted = case when existing.state <> 'ready' then row_to_json(excluded)::text else existing.wanted end,
            overtaken = case when existing.state <> 'ready' then existing.overtaken end`,
    [
      unique.map((job) => job.id),
      unique.map((job) => job.kind),
      unique.map((job) => job.key),
      unique.map((job) => JSON.stringify(job.payload ?? null)),
      unique.map((job) => job.dedupe ?? null),
      unique.map((job) => job.bypassesDead ?? false),
      unique.map((job) => job.runAt ?? null),
      unique.map((job) => job.afterMs ?? 0),
      unique.map((job) => job.deadline ?? null),
      unique.map((job) => job.causationId),
      unique.map((job) => job.correlationId),
      unique.map((job) => job.traceparent ?? null),
      aheadMs,
    ],
  );
}

/** What a dead job needs to run with all its failures and its age before it. */
export const begunAnew = (aheadMs: string): string => `state = 'ready', failures = 0, retried_at = ${businessNow(aheadMs)}`;

function retryDead(tx: Transaction, schema: string, jobs: readonly NewJob[], aheadMs: number): void {
  const retrying = jobs.filter(({ retriesDead }) => retriesDead);
  if (retrying.length === 0) return;
  write(
    tx,
    `update ${schema}.job j
        set ${begunAnew('$6')}, payload = drafted.payload,
            run_at = coalesce(drafted.run_at, ${businessNow('$6')} + drafted.after_ms * interval '1 ms')
       from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::float8[]) as drafted (kind, dedupe, payload, run_at, after_ms)
      where j.kind = drafted.kind and j.dedupe = drafted.dedupe and j.state = 'dead'`,
    [
      retrying.map(({ kind }) => kind),
      retrying.map(({ dedupe }) => dedupe ?? null),
      retrying.map(({ payload }) => JSON.stringify(payload ?? null)),
      retrying.map(({ runAt }) => runAt ?? null),
      retrying.map(({ afterMs }) => afterMs ?? 0),
      aheadMs,
    ],
  );
}

/** One statement may touch a row once. The first draft of a dedupe value stays, with the earliest run of them all. */
function oncePerDedupe(jobs: readonly NewJob[]): NewJob[] {
  const unique = new Map<string, NewJob>();
  for (const job of jobs) {
    const name = job.dedupe === undefined ? job.id : `${job.kind}\n${job.dedupe}`;
    const first = unique.get(name);
    if (!first) unique.set(name, job);
    else if (isSooner(job, first)) unique.set(name, { ...first, runAt: job.runAt, afterMs: job.afterMs });
  }
  return [...unique.values()];
}

/** A moment and a delay can't be compared without a clock: the delay, which is mostly short, then counts as the sooner one. */
function isSooner(one: NewJob, other: NewJob): boolean {
  if (one.runAt !== undefined && other.runAt !== undefined) return Date.parse(one.runAt) < Date.parse(other.runAt);
  if (one.runAt === undefined && other.runAt === undefined) return (one.afterMs ?? 0) < (other.afterMs ?? 0);
  return one.runAt === undefined;
}

/**
 * Business time by the database's clock: all copies of a service share it, while their own clocks differ by minutes. The parameter is how far
 * business time is ahead, in milliseconds.
 */
export const businessNow = (aheadMs: string): string => `(now() + ${aheadMs}::float8 * interval '1 ms')`;

/** A claimed job as its row has it. */
export interface JobRow {
  readonly id: string;
  readonly kind: string;
  readonly key: string;
  readonly payload: string;
  readonly attempts: number;
  readonly failures: number;
  readonly deadline: Date | null;
  readonly createdAt: Date;
  readonly ageMs: number;
  readonly isRetried: boolean;
  readonly causationId: string;
  readonly correlationId: string;
  readonly traceparent: string | null;
}

export interface FreeSlots {
  readonly kind: string;
  readonly slots: number;
  readonly leaseMs: number;
  readonly lateMs: number;
}

/**
 * Takes due jobs: of each key the oldest only, none while another of the key runs, the nearest deadline first. Jobs with a deadline and those without are looked for
 * apart, each by an index of its own: so the many that are not due yet are not looked at. A unique index makes two claims of one key at the same moment impossible; the
 * loser gets an error of Postgres (23505) and claims again.
 */
export function claimJobs(tx: Transaction, schema: string, worker: string, free: readonly FreeSlots[], aheadMs: number): Promise<JobRow[]> {
  return run<JobRow>(tx, claimStatement(schema), [
    free.map(({ kind }) => kind),
    free.map(({ slots }) => slots),
    free.map(({ leaseMs }) => leaseMs),
    aheadMs,
    worker,
  ]);
}

/**
 * One probe by the key's own index tells whether something of that key comes first or runs. Asked for apart, what runs was looked through as a whole for each due job,
 * with all that had run since the last vacuum; and so was the table, where the rows to change were joined instead of named.
 */
export function claimStatement(schema: string): string {
  const mayBegin = `j.kind = free.kind and j.state = 'ready' and j.run_at <= ${businessNow('$4')}
                 and not exists (select from ${schema}.job e where e.key = j.key and e.id <> j.id
                                    and (e.state = 'running' or (e.seq < j.seq and not (e.state = 'dead' and j.bypasses_dead))))`;
  return `with free as (select * from unnest($1::text[], $2::int[], $3::int[]) as free (kind, slots, lease)),
     urgent as materialized (
       select taken.id, free.kind
         from free
        cross join lateral (
              select j.id from ${schema}.job j where j.deadline is not null and ${mayBegin}
               order by j.deadline, j.run_at limit free.slots for update skip locked) as taken),
     other as materialized (
       select taken.id
         from free
        cross join lateral (
              select j.id from ${schema}.job j where j.deadline is null and ${mayBegin}
               order by j.run_at limit free.slots - (select count(*) from urgent where urgent.kind = free.kind) for update skip locked) as taken)
     update ${schema}.job j
        set state = 'running', attempts = attempts + 1, worker = $5,
            lease_until = now() + (select lease from free where free.kind = j.kind) * interval '1 ms'
      where j.id = any(array(select id from urgent union all select id from other))
     returning j.id, j.kind, j.key, j.payload, j.attempts, j.failures, j.deadline, j.created_at as "createdAt",
               round(extract(epoch from ${businessNow('$4')} - coalesce(j.retried_at, j.created_at)) * 1000)::float8 as "ageMs",
               j.retried_at is not null as "isRetried",
               j.causation_id as "causationId", j.correlation_id as "correlationId", j.traceparent`;
}

/** Until the next job of these kinds becomes due, or may wait no longer for others, in milliseconds; null where none will. What is due by now and was not claimed waits for something else. */
export async function untilNextDue(
  tx: Transaction,
  schema: string,
  kinds: readonly Pick<FreeSlots, 'kind' | 'lateMs'>[],
  aheadMs: number,
): Promise<number | null> {
  const [row] = await run<{ ms: number | null }>(
    tx,
    `select round(extract(epoch from min(next.run_at + of.late * interval '1 ms') - ${businessNow('$3')}) * 1000)::float8 as ms
       from unnest($1::text[], $2::int[]) as of (kind, late)
      cross join lateral (select j.run_at from ${schema}.job j where j.kind = of.kind and j.state = 'ready' and j.run_at > ${businessNow('$3')}
                           order by j.run_at limit 1) as next`,
    [kinds.map(({ kind }) => kind), kinds.map(({ lateMs }) => lateMs), aheadMs],
  );
  return row?.ms ?? null;
}

/** Frees the jobs of workers that fell silent. That counts as a failure: a job that kills its process must not do so for ever. */
export async function freeExpired(tx: Transaction, schema: string, aheadMs: number): Promise<number> {
  const rows = await run(
    tx,
    `update ${schema}.job set state = 'ready', failures = failures + 1, run_at = ${businessNow('$1')}, lease_until = null, worker = null,
            last_error = 'its lease ran out: the process that performed it has ended, or hung'
      where id = any(array(select id from ${schema}.job where state = 'running' and lease_until < now() limit 1000 for update skip locked)) returning 1`,
    [aheadMs],
  );
  return rows.length;
}

export async function renewLeases(
  tx: Transaction,
  schema: string,
  worker: string,
  held: readonly { id: string; leaseMs: number }[],
): Promise<void> {
  await run(
    tx,
    `update ${schema}.job j set lease_until = now() + held.lease * interval '1 ms'
       from unnest($1::uuid[], $2::int[]) as held (id, lease) where j.id = held.id and j.state = 'running' and j.worker = $3`,
    [held.map(({ id }) => id), held.map(({ leaseMs }) => leaseMs), worker],
  );
}

/** Kinds of which jobs have been due for longer than the time, and that are not among the known ones. */
export function unknownKinds(
  tx: Transaction,
  schema: string,
  known: readonly string[],
  longerThanMs: number,
): Promise<{ kind: string; jobs: number }[]> {
  return run(
    tx,
    `select kind, count(*)::int as jobs from ${schema}.job
      where state = 'ready' and kind <> all($1::text[]) and run_at < now() - $2 * interval '1 ms' group by kind order by kind`,
    [known, longerThanMs],
  );
}

/** A job as `insertJobs` stored it in `wanted`. */
export interface WantedRow {
  readonly id: string;
  readonly kind: string;
  readonly key: string;
  readonly payload: string;
  readonly dedupe: string;
  readonly bypasses_dead: boolean;
  readonly run_at: string;
  readonly deadline: string | null;
  readonly causation_id: string;
  readonly correlation_id: string;
  readonly traceparent: string | null;
}

/** The job that was asked for while another with the same `dedupe` was running, or dead. */
export const wantedJob = (row: WantedRow): NewJob => ({
  id: row.id,
  kind: row.kind,
  key: row.key,
  payload: JSON.parse(row.payload) as unknown,
  dedupe: row.dedupe,
  bypassesDead: row.bypasses_dead,
  runAt: row.run_at,
  deadline: row.deadline ?? undefined,
  causationId: row.causation_id,
  correlationId: row.correlation_id,
  traceparent: row.traceparent ?? undefined,
});
