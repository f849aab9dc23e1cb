import { run, type Transaction } from '../transaction';

/**
 * Records messages as handled and gives the identities that nobody has handled before. A rollback takes the record back with everything else. A
 * second process with the same message waits here until the first one has committed or failed.
 */
export async function deduplicate(tx: Transaction, schema: string, identities: readonly string[]): Promise<Set<string>> {
  if (identities.length === 0) return new Set();
  const rows = await run<{ id: string }>(
    tx,
    `insert into ${schema}.processed_message (message_id) select unnest($1::uuid[]) on conflict do nothing returning message_id as id`,
    [identities],
  );
  return new Set(rows.map((row) => row.id));
}

/** Which of the messages are on record as handled. Records none. */
export async function handledBefore(tx: Transaction, schema: string, identities: readonly string[]): Promise<Set<string>> {
  if (identities.length === 0) return new Set();
  const rows = await run<{ id: string }>(
    tx,
    `select message_id as id from unnest($1::uuid[]) as wanted (message_id) join ${schema}.processed_message using (message_id)`,
    [identities],
  );
  return new Set(rows.map((row) => row.id));
}

/** Rows of processed_message that one clean-up removes at most. */
const cleanUpRows = 5000;

/** Forgets what was handled longer ago than Kafka could deliver it again. Gives the number of rows; fewer than 5,000 means: done for now. */
export async function forgetHandled(tx: Transaction, schema: string, olderThanMs: number): Promise<number> {
  const rows = await run(
    tx,
    `delete from ${schema}.processed_message
      where ctid = any(array(select ctid from ${schema}.processed_message where at < now() - $1 * interval '1 ms' limit $2)) returning 1`,
    [olderThanMs, cleanUpRows],
  );
  return rows.length;
}

export const isCleanUpDone = (removed: number): boolean => removed < cleanUpRows;
