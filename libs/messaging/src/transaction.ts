import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { pause } from './signal';

/** One Postgres transaction. */
export type Transaction = EntityManager;

/** Postgres keeps prepared statements by name and connection. A service has a fixed set of texts, so this map is bounded by its code. */
const names = new Map<string, string>();

function nameOf(sql: string): string {
  let name = names.get(sql);
  if (!name) {
    name = `landfall_${names.size}`;
    names.set(sql, name);
  }
  return name;
}

interface PreparingClient {
  query(statement: { name: string; text: string; values: unknown[] } | string): Promise<{ rows: unknown[]; command: string }>;
}

/** SQLSTATE: a statement was cut off by its limit of time. */
export const tookTooLong = '57014';

/** Somebody caught an error of Postgres inside the transaction and went on: nothing of it is stored. */
export class TransactionAborted extends Error {
  readonly code = 'TRANSACTION_ABORTED';
  readonly retriable = false;
}

/** The transaction took longer than its caller waits. Its session is thrown away; whether it was committed is unknown. */
export class TransactionOverdue extends Error {
  readonly code = 'TRANSACTION_OVERDUE';
  readonly retriable = true;
}

/**
 * Runs the work in one transaction of its own. TypeORM's `transaction` would not notice that Postgres answered COMMIT with a rollback, which it
 * does when an error was swallowed on the way; the work would count as done and be lost.
 * @throws TransactionOverdue after `limitMs`, whatever the database does
 */
export async function inTransaction<T>(dataSource: DataSource, work: (tx: Transaction) => Promise<T>, limitMs = Infinity): Promise<T> {
  const runner = dataSource.createQueryRunner(); // never kept: one that has seen a cut connection never reconnects
  if (limitMs === Infinity) return committed(runner, work);
  const working = new AbortController();
  const overdue = pause(limitMs, working.signal).then(() => {
    if (working.signal.aborted) return undefined as never; // it ended in time, and nobody waits for this any more
    const error = new TransactionOverdue(`not committed within ${Math.round(limitMs)} ms`);
    abandon(runner, error);
    throw error;
  });
  try {
    return await Promise.race([committed(runner, work), overdue]);
  } finally {
    working.abort();
  }
}

async function committed<T>(runner: QueryRunner, work: (tx: Transaction) => Promise<T>): Promise<T> {
  try {
    await runner.startTransaction();
    const result = await work(runner.manager);
    const client = (await runner.connect()) as PreparingClient;
    const { command } = await client.query('COMMIT');
    if (command !== 'COMMIT')
      throw new TransactionAborted('Postgres rolled the transaction back: an error inside it was caught and ignored');
    return result;
  } catch (error) {
    await runner.rollbackTransaction().catch(() => undefined); // the connection may be cut; the error that matters is the first
    throw error;
  } finally {
    await runner.release();
  }
}

/** What runs on the session fails as after a cut, so the pool has room again; one that is still being opened is thrown away when it comes. */
function abandon(runner: QueryRunner, reason: Error): void {
  const connected = runner.connect() as Promise<{ discard?(reason: Error): void }>;
  connected.then(
    (session) => session.discard?.(reason),
    () => undefined, // none was opened
  );
}

/**
 * Runs one statement, prepared once per connection, and gives its rows, also those of `update … returning`. TypeORM's own `query` parses and
 * plans every time and returns another shape per command. The text must be constant: values belong into `values`.
 */
export async function run<Row = unknown>(tx: Transaction, sql: string, values: unknown[]): Promise<Row[]> {
  if (!tx.queryRunner) throw new Error('run() needs a transaction: take the one that load, save or inTransaction received');
  const client = (await tx.queryRunner.connect()) as PreparingClient;
  const { rows } = await client.query({ name: nameOf(sql), text: sql, values });
  return rows as Row[];
}

/** SQL for an instant as the contracts write it, ISO 8601 in UTC with milliseconds. */
export const instantColumn = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The named fields of all rows as one array each, for `unnest($1::uuid[], $2::text[] …)`. */
export function columns<Row extends object>(rows: readonly Row[], ...fields: (keyof Row & string)[]): unknown[][] {
  return fields.map((field) => rows.map((row) => row[field] ?? null));
}
