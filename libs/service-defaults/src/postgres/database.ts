import type { TlsOptions } from 'node:tls';
import { Logger } from '@nestjs/common';
import type { TypeOrmModuleOptions } from '@nestjs/typeorm';
import { defaults, type PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import { errorCodeOf } from './outage';
import type { DatabaseSession } from './session';
import { SessionPool } from './session.pool';
import { encryption, sessionSettings, type DatabaseAddress } from './session.settings';

/** Batches, jobs, a held webhook's reader and REST fit. With the relay's own session a copy has 13 at most; the server's `max_connections` has to fit all copies. */
const MAX_CONNECTIONS = 12;
const IDLE_CONNECTION_LIMIT_MS = 60_000;
/** At start Postgres may come up after the service: asked for a minute. */
const START_ATTEMPTS = 120;
const START_INTERVAL_MS = 500;

const REFUSED_FOR_GOOD = /^(28|3D)/;

/** A commit with something to write to disk, and nothing to see afterwards. A standby can't do it, and one synchronous standby that is away makes it wait. */
const COMMIT_SOMETHING = `
  select current_setting('transaction_read_only')::boolean as "readsOnly",
         case when not current_setting('transaction_read_only')::boolean then pg_logical_emit_message(true, 'landfall', 'ready') end`;

/** The service's pool. Its sessions have the settings of `sessionSettings`, and leave it when they are ill. */
export function databaseOptions(service: string, values: DatabaseAddress): TypeOrmModuleOptions & { type: 'postgres' } {
  const logger = new Logger('Database');
  const { connectionString, ssl, application_name, connectionTimeoutMillis, ...extra } = sessionSettings({
    url: values.DATABASE_URL,
    ssl: encryption(values),
    name: service,
  });
  return {
    type: 'postgres',
    driver: { Pool: SessionPool, defaults },
    url: connectionString,
    ssl: ssl as false | TlsOptions,
    applicationName: application_name,
    poolSize: MAX_CONNECTIONS,
    connectTimeoutMS: connectionTimeoutMillis,
    installExtensions: false,
    autoLoadEntities: true,
    logging: false,
    poolErrorHandler: (error: Error) => logger.warn({ err: error }, 'a database connection was lost'),
    extra: { ...extra, idleTimeoutMillis: IDLE_CONNECTION_LIMIT_MS },
    retryAttempts: START_ATTEMPTS,
    retryDelay: START_INTERVAL_MS,
    toRetry: (error: unknown) => !REFUSED_FOR_GOOD.test(errorCodeOf(error)),
  };
}

/**
 * Ready means that a commit goes through, to the disks that Postgres writes synchronously. A session that only reads is thrown away here as well: after a
 * fail-over nothing else may use it. @throws Error where it does not
 */
export async function checkDatabase(database: DataSource): Promise<void> {
  const runner = database.createQueryRunner();
  try {
    const session = (await runner.connect()) as PoolClient & Pick<DatabaseSession, 'discard'>;
    const { rows } = await session.query<{ readsOnly: boolean }>(COMMIT_SOMETHING);
    if (!rows[0]?.readsOnly) return;
    const readsOnly = new Error('the database is read-only');
    session.discard(readsOnly);
    throw readsOnly;
  } finally {
    await runner.release();
  }
}
