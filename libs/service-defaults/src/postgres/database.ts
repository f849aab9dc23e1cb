import { Logger } from '@nestjs/common';
import type { TypeOrmModuleOptions } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { ServiceValues } from '../config/service.settings';
import { isLoopback } from '../config/setting';
import { errorCodeOf } from './outage';

/** Two batches in flight, the relay, jobs, a held webhook's reader and REST fit; four services in two copies stay below Postgres's default of 100. */
const MAX_CONNECTIONS = 12;
/** How long a caller waits for a connection, new or from the pool. */
const CONNECTION_LIMIT_MS = 5_000;
const IDLE_CONNECTION_LIMIT_MS = 60_000;
/** No statement of a service may take longer; migrations have their own limits. */
const STATEMENT_LIMIT_MS = 15_000;
/** A transaction that does nothing holds its locks: Postgres ends it. */
const IDLE_TRANSACTION_LIMIT_MS = 30_000;
/** At start Postgres may come up after the service: asked for a minute. */
const START_ATTEMPTS = 120;
const START_INTERVAL_MS = 500;

const REFUSED_FOR_GOOD = /^(28|3D)/;

type DatabaseValues = Pick<ServiceValues, 'DATABASE_URL' | 'DATABASE_SSL'>;

/**
 * The service's pool. `synchronous_commit=on` is asked for by name: an acknowledgement to Microsoft means "on disk", whatever the server's
 * default is.
 */
export function databaseOptions(service: string, values: DatabaseValues): TypeOrmModuleOptions {
  const logger = new Logger('Database');
  return {
    type: 'postgres',
    url: values.DATABASE_URL,
    ssl: encryption(values),
    applicationName: service,
    poolSize: MAX_CONNECTIONS,
    connectTimeoutMS: CONNECTION_LIMIT_MS,
    installExtensions: false,
    autoLoadEntities: true,
    logging: false,
    poolErrorHandler: (error: Error) => logger.warn({ err: error }, 'a database connection was lost'),
    extra: {
      idleTimeoutMillis: IDLE_CONNECTION_LIMIT_MS,
      statement_timeout: STATEMENT_LIMIT_MS,
      idle_in_transaction_session_timeout: IDLE_TRANSACTION_LIMIT_MS,
      keepAlive: true,
      options: '-c synchronous_commit=on',
    },
    retryAttempts: START_ATTEMPTS,
    retryDelay: START_INTERVAL_MS,
    toRetry: (error: unknown) => !REFUSED_FOR_GOOD.test(errorCodeOf(error)),
  };
}

/** Encrypted with a checked certificate, except on loopback or where the operator says that the network is private. */
export function encryption({ DATABASE_URL, DATABASE_SSL }: DatabaseValues): { rejectUnauthorized: true } | false {
  const wanted = DATABASE_SSL ?? !isLoopback(new URL(DATABASE_URL).hostname);
  return wanted ? { rejectUnauthorized: true } : false;
}

/** Ready means: can commit. A standby answers queries as well. @throws Error where it cannot */
export async function checkDatabase(database: DataSource): Promise<void> {
  const [row] = await database.query<{ standby: boolean }[]>('select pg_is_in_recovery() as standby');
  if (row?.standby) throw new Error('the database is read-only');
}
