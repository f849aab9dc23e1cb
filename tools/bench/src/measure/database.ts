import { WriteAheadLog } from '@landfall/local';
import { Client } from 'pg';

/** What Postgres has counted so far. */
export interface DatabaseReading {
  readonly atMs: number;
  /** Transactions that ended well, those that only read included. */
  readonly commits: number;
  /** Transactions that wrote something. */
  readonly writes: number;
  /** Where the log ended. */
  readonly logEnd: string;
  /** Rows inserted, updated and deleted, by `schema.table`; what is partitioned by day counts as one table. */
  readonly rows: Readonly<Record<string, number>>;
  readonly walBytes: number;
  /** Pages that went whole into the log, since a checkpoint came before them. */
  readonly wholePages: number;
  /** Bytes of log by connection, with the role that it serves. Those of a connection that has ended are not told. */
  readonly connections: ReadonlyMap<number, { readonly role: string; readonly walBytes: number }>;
}

/** A connection of Postgres tells what it has counted when it has been idle for ten seconds, if not before. */
export const countedAfterMs = 11_000;

/** Reads the counters of one database, as superuser. */
export class DatabaseCounters {
  private constructor(
    private readonly client: Client,
    readonly log: WriteAheadLog,
  ) {}

  static async connect(url: string): Promise<DatabaseCounters> {
    const client = new Client({ connectionString: url, application_name: 'bench' });
    await client.connect();
    return new DatabaseCounters(client, await WriteAheadLog.connect(url));
  }

  async close(): Promise<void> {
    await Promise.all([this.client.end(), this.log.close()]);
  }

  async query<T>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.client.query(sql, values)).rows as T[];
  }

  /** The role that each connection to this database serves, by its process. */
  async roles(): Promise<Map<number, string>> {
    const rows = await this.query<{ pid: number; role: string }>(
      'select pid, usename as role from pg_stat_activity where usename is not null',
    );
    return new Map(rows.map(({ pid, role }) => [pid, role]));
  }

  /** What was counted between two readings. */
  async between(before: DatabaseReading, after: DatabaseReading): Promise<DatabaseUse> {
    const writesBySchema: Record<string, number> = {};
    for (const { schema, transactions } of await this.log.between(before.logEnd, after.logEnd))
      writesBySchema[schema] = (writesBySchema[schema] ?? 0) + transactions;
    return databaseBetween(before, after, writesBySchema);
  }

  async read(): Promise<DatabaseReading> {
    const [counted] = await this.query<{ commits: string; writes: string; wal: string; pages: string }>(
      `select xact_commit as commits, pg_snapshot_xmax(pg_current_snapshot())::text as writes, pg_current_wal_insert_lsn() - '0/0'::pg_lsn as wal,
              (select wal_fpi from pg_stat_wal) as pages
         from pg_stat_database where datname = current_database()`,
    );
    const rows = await this.query<{ name: string; rows: string }>(
      `select schemaname || '.' || regexp_replace(relname, '_[0-9_]+$', '') as name, sum(n_tup_ins + n_tup_upd + n_tup_del) as rows
         from pg_stat_user_tables group by 1`,
    );
    const wal = await this.query<{ pid: number; role: string; bytes: string }>(
      `select pid, usename as role, wal_bytes as bytes
         from pg_stat_activity, lateral pg_stat_get_backend_wal(pid) where datname = current_database()`,
    );
    return {
      atMs: Date.now(),
      logEnd: await this.log.end(),
      commits: Number(counted!.commits),
      writes: Number(counted!.writes),
      walBytes: Number(counted!.wal),
      wholePages: Number(counted!.pages),
      rows: Object.fromEntries(rows.map(({ name, rows: count }) => [name, Number(count)])),
      connections: new Map(wal.map(({ pid, role, bytes }) => [pid, { role, walBytes: Number(bytes) }])),
    };
  }
}

export interface DatabaseUse extends Omit<DatabaseReading, 'atMs' | 'connections' | 'logEnd'> {
  readonly elapsedSeconds: number;
  /** Transactions that wrote, by the schema in which they did. */
  readonly writesBySchema: Readonly<Record<string, number>>;
  /** Bytes of log by the role that was served, of the connections that were open at the end. */
  readonly walByRole: Readonly<Record<string, number>>;
}

function databaseBetween(before: DatabaseReading, after: DatabaseReading, writesBySchema: Readonly<Record<string, number>>): DatabaseUse {
  return {
    writesBySchema,
    elapsedSeconds: (after.atMs - before.atMs) / 1000,
    commits: after.commits - before.commits,
    writes: after.writes - before.writes,
    walBytes: after.walBytes - before.walBytes,
    wholePages: after.wholePages - before.wholePages,
    rows: differences(before.rows, after.rows),
    walByRole: walByRole(before, after),
  };
}

function walByRole(before: DatabaseReading, after: DatabaseReading): Record<string, number> {
  const byRole: Record<string, number> = {};
  for (const [pid, { role, walBytes }] of after.connections)
    byRole[role] = (byRole[role] ?? 0) + walBytes - (before.connections.get(pid)?.walBytes ?? 0);
  return byRole;
}

export function differences(before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after)
      .map(([name, now]): [string, number] => [name, now - (before[name] ?? 0)])
      .filter(([, difference]) => difference !== 0),
  );
}
