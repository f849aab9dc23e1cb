type Query = (sql: string, values?: unknown[]) => Promise<readonly object[]>;

interface Explained {
  readonly 'QUERY PLAN': readonly [{ readonly Plan: { readonly 'Shared Hit Blocks': number; readonly 'Shared Read Blocks': number } }];
}

/** So many pages (8 kB) of tables and indexes Postgres looks at for an answer: it grows with a table that is read as a whole. */
export async function pagesRead(query: Query, sql: string, values: unknown[] = []): Promise<number> {
  const [row] = (await query(`explain (analyze, buffers, format json) ${sql}`, values)) as [Explained];
  const { Plan } = row['QUERY PLAN'][0];
  return Plan['Shared Hit Blocks'] + Plan['Shared Read Blocks'];
}

/** Adds rows like those that a table has, but for these columns; as expressions of SQL, in which `n` counts. Thousands of them show in `pagesRead`. */
export async function multiplyRows(query: Query, table: string, count: number, columns: Readonly<Record<string, string>>): Promise<void> {
  const others = Object.entries(columns).flatMap(([name, value]) => [`'${name}'`, value]);
  await query(
    `insert into ${table} overriding system value
     select added.* from (select known from ${table} as known limit 1) as one cross join generate_series(1, ${count}) as n
       cross join lateral jsonb_populate_record(one.known, jsonb_build_object('#', n, ${others.join(', ')})) as added`,
  );
  await query(`vacuum analyze ${table}`);
}
