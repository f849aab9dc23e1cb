import type { EntityManager } from 'typeorm';

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
  query(statement: { name: string; text: string; values: unknown[] }): Promise<{ rows: unknown[] }>;
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

/** The named fields of all rows as one array each, for `unnest($1::uuid[], $2::text[] …)`. */
export function columns<Row extends object>(rows: readonly Row[], ...fields: (keyof Row & string)[]): unknown[][] {
  return fields.map((field) => rows.map((row) => row[field] ?? null));
}
