import type { Overtaken } from './job.draft';
import { insertJobs, wantedJob, type WantedRow } from './job.repository';
import { run, write, type Transaction } from '../transaction';

/** A dead job that has ended so. */
export interface EndedJob {
  readonly id: string;
  readonly kind: string;
  readonly reason: string;
}

/**
 * Marks jobs as overtaken, and removes the dead ones; what was asked for while they ran takes their place. Each row is locked first, so whoever comes second sees
 * what the first one did: where a run has just recorded that its job is dead, that one is removed here; where it records that later, it finds the mark
 * (`completeJobs`). A claim, or a lease that runs out, keeps the mark. An operator's retry makes a dead job wait, and it is then marked; a retry that comes
 * second finds no job. Rows are locked in the order of their ids, those that are named by the start of their keys after the others; a deadlock with the end of other jobs is nobody's fault, and the transaction runs again.
 */
export async function markOvertaken(
  tx: Transaction,
  schema: string,
  overtakings: readonly Overtaken[],
  aheadMs: number,
): Promise<EndedJob[]> {
  const [exact, begun] = [overtakings.filter(({ isKeyStart }) => !isKeyStart), overtakings.filter(({ isKeyStart }) => isKeyStart)];
  const rows = [
    ...(await locked(tx, schema, exact, 'j.key = meant.key')),
    ...(await locked(tx, schema, begun, `starts_with(j.key, meant.key) and j.state = 'dead'`)),
  ];
  const dead = [...new Map(rows.filter(({ state }) => state === 'dead').map((row) => [row.id, row])).values()];
  const live = rows.filter(({ state }) => state !== 'dead');
  if (live.length > 0)
    write(
      tx,
      `update ${schema}.job j set overtaken = meant.reason from unnest($1::uuid[], $2::text[]) as meant (id, reason) where j.id = meant.id`,
      [live.map(({ id }) => id), live.map(({ reason }) => reason)],
    );
  if (dead.length === 0) return [];
  write(tx, `delete from ${schema}.job where id = any($1::uuid[])`, [dead.map(({ id }) => id)]);
  const successors = dead.flatMap(({ wanted }) => (wanted ? [wantedJob(JSON.parse(wanted) as WantedRow)] : []));
  if (successors.length > 0) insertJobs(tx, schema, successors, aheadMs);
  return dead.map(({ id, kind, reason }) => ({ id, kind, reason }));
}

type LockedRow = EndedJob & { readonly state: string; readonly wanted: string | null };

async function locked(tx: Transaction, schema: string, overtakings: readonly Overtaken[], isMeant: string): Promise<LockedRow[]> {
  if (overtakings.length === 0) return [];
  const unique = [...new Map(overtakings.map((one) => [`${one.overtaken}\n${one.key}`, one])).values()];
  return run<LockedRow>(
    tx,
    `select j.id, j.kind, meant.reason, j.state, j.wanted
       from ${schema}.job j join unnest($1::text[], $2::text[], $3::text[]) as meant (kind, key, reason) on j.kind = meant.kind and ${isMeant}
      order by j.id for update of j`,
    [unique.map(({ overtaken: kind }) => kind), unique.map(({ key }) => key), unique.map(({ reason }) => reason)],
  );
}
