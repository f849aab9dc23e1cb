import { randomUUID } from 'node:crypto';
import { Client, type QueryResultRow } from 'pg';

/** A database of its own for one test file, on the server that the test run has started. */
export interface TestDatabase {
  /** As superuser. */
  url: string;
  name: string;
  query<Row extends QueryResultRow = QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Ends every session on it and removes it. */
  drop(): Promise<void>;
}

/** Makes an empty database. Jest's global setup starts the server; LANDFALL_TEST_DATABASE_URL names it. */
export async function testDatabase(): Promise<TestDatabase> {
  const server = testSetting('LANDFALL_TEST_DATABASE_URL');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(server, `create database ${name} template template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const client = new Client({ connectionString: url.href });
  // a server that ends while nobody asks would otherwise end the test process; the next query reports it
  client.on('error', () => undefined);
  await client.connect();
  return {
    url: url.href,
    name,
    query: async <Row extends QueryResultRow>(sql: string, values: unknown[] = []) => (await client.query<Row>(sql, values)).rows,
    drop: async () => {
      await client.end();
      await onServer(server, `drop database ${name} with (force)`);
    },
  };
}

/** The broker that the test run has started. Tests share it, so each makes topics and groups with names of its own. */
export function testBroker(): { brokers: string } {
  return { brokers: testSetting('LANDFALL_TEST_KAFKA_BROKERS') };
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function testSetting(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(
      `${name} is not set: only tests that need no Postgres and no Kafka (*.unit.spec.ts) run without it. Run jest with its global setup.`,
    );
  return value;
}
