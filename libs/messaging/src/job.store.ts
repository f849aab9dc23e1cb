import type { NewJob } from './outgoing';
import { run, type Transaction } from './transaction';

/**
 * Stores jobs with the decision that asked for them. A job of a known id, or whose `dedupe` exists, is not stored twice: the existing one comes
 * forward to the earlier `run_at`. While that one is running it may have read the outside too early, so the newcomer is kept in
 * `wanted` and takes its place afterwards.
 */
export async function insertJobs(tx: Transaction, schema: string, jobs: readonly NewJob[], now: number): Promise<void> {
  const at = new Date(now).toISOString();
  const unique = oncePerDedupe(jobs, at);
  await run(
    tx,
    `insert into ${schema}.job as existing
            (id, kind, key, payload, dedupe, passes_dead, run_at, deadline, causation_id, correlation_id, traceparent, created_at)
     select id, kind, key, payload, dedupe, passes_dead, run_at, deadline, causation_id, correlation_id, traceparent, $12::timestamptz
       from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::timestamptz[], $8::timestamptz[],
                   $9::text[], $10::text[], $11::text[]) with ordinality
            as drafted (id, kind, key, payload, dedupe, passes_dead, run_at, deadline, causation_id, correlation_id, traceparent, position)
      where not exists (select from ${schema}.job known where known.id = drafted.id)
      order by position
     on conflict (kind, dedupe) where dedupe is not null do update
        set run_at = case when existing.state = 'ready' then least(existing.run_at, excluded.run_at) else existing.run_at end,
            wanted = case when existing.state = 'running' then row_to_json(excluded)::text else existing.wanted end`,
    [
      unique.map((job) => job.id),
      unique.map((job) => job.kind),
      unique.map((job) => job.key),
      unique.map((job) => JSON.stringify(job.payload ?? null)),
      unique.map((job) => job.dedupe ?? null),
      unique.map((job) => job.passesDead ?? false),
      unique.map((job) => job.runAt ?? at),
      unique.map((job) => job.deadline ?? null),
      unique.map((job) => job.causationId),
      unique.map((job) => job.correlationId),
      unique.map((job) => job.traceparent ?? null),
      at,
    ],
  );
}

/** One statement may touch a row once. The first draft of a dedupe value stays, with the earliest run of them all. */
function oncePerDedupe(jobs: readonly NewJob[], at: string): NewJob[] {
  const unique = new Map<string, NewJob>();
  for (const job of jobs) {
    const name = job.dedupe === undefined ? job.id : `${job.kind}\n${job.dedupe}`;
    const first = unique.get(name);
    const isSooner = first && Date.parse(job.runAt ?? at) < Date.parse(first.runAt ?? at);
    if (!first) unique.set(name, job);
    else if (isSooner) unique.set(name, { ...first, runAt: job.runAt });
  }
  return [...unique.values()];
}
