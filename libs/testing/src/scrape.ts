import { multiplyRows, pagesRead } from '@landfall/messaging/testing';
import { register } from '@landfall/service-defaults';
import { DataSource } from 'typeorm';
import type { TestApp } from './test.app';

/** As many as show whether a query reads a whole table. */
const rows = 3_000;

/** Adds rows to a table like the first one that it has, but for these columns: expressions of SQL, in which `n` counts. */
export const manyMore = (app: Pick<TestApp, 'query'>, table: string, columns: Readonly<Record<string, string>>): Promise<void> =>
  multiplyRows((sql, values) => app.query(sql, values), table, rows, columns);

/** What one scrape asks of the database with this part in its text, and how many pages (8 kB) are read for each answer. */
export async function scraped(app: Pick<TestApp, 'get' | 'query'>, part: string): Promise<{ sql: string; pages: number }[]> {
  const query = jest.spyOn(app.get(DataSource), 'query');
  await register.metrics();
  const asked = query.mock.calls.filter(([sql]) => sql.includes(part));
  query.mockRestore();
  const answers: { sql: string; pages: number }[] = [];
  for (const [sql, values] of asked)
    answers.push({ sql, pages: await pagesRead((text, given) => app.query(text, given), sql, values as unknown[]) });
  return answers;
}
