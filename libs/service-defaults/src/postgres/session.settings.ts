import type { ClientConfig } from 'pg';
import { isLoopback } from '../config/setting';

/** How long a caller waits for a connection, new or from the pool. */
export const CONNECTION_LIMIT_MS = 5_000;
/** No statement of a service may take longer; migrations have their own limits. */
export const STATEMENT_LIMIT_MS = 15_000;
/** A server that has not said by then that the statement took too long does not answer any more: the session is thrown away. */
export const REPLY_LIMIT_MS = STATEMENT_LIMIT_MS + 2_000;
/** A transaction that does nothing holds its locks: Postgres ends it. */
const IDLE_TRANSACTION_LIMIT_MS = 30_000;
/** The same for a migration, which may compute between two statements. */
const IDLE_MIGRATION_LIMIT_MS = 5 * 60_000;
/**
 * A host that vanishes says no goodbye, and Postgres waits two hours for one by default while it holds the locks of the session. Set for the server's side of
 * the connection, these free them within half a minute: 10 s of silence and three unanswered questions, or 20 s without a receipt for what was sent.
 */
const KEEPALIVE = { tcp_keepalives_idle: '10s', tcp_keepalives_interval: '5s', tcp_keepalives_count: '3', tcp_user_timeout: '20s' };
/** The same for our side. */
const FIRST_KEEPALIVE_MS = 10_000;
/**
 * A session that was thrown away frees its locks so soon: a statement that runs on it would else keep them until its own limit. Postgres on Windows can't look, and refuses the
 * setting; there it is this machine's, if anything.
 */
const DROPPED: Record<string, string> = process.platform === 'win32' ? {} : { client_connection_check_interval: '250ms' };

export interface SessionTarget {
  readonly url: string;
  readonly ssl: ClientConfig['ssl'];
  /** Shown in `pg_stat_activity`. */
  readonly name: string;
}

/**
 * What every connection of a service has, whoever holds it: the pool, the relay. `synchronous_commit=on` is asked for by name: an acknowledgement to
 * Microsoft means "on disk", whatever the server's default is.
 */
export function sessionSettings(target: SessionTarget): ClientConfig {
  return {
    ...reachable(target),
    statement_timeout: STATEMENT_LIMIT_MS,
    query_timeout: REPLY_LIMIT_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_LIMIT_MS,
    options: optionsOf({ synchronous_commit: 'on', ...KEEPALIVE, ...DROPPED }),
  };
}

/** What a migration has: its statements may take long, but it holds locks as well, and a process that hangs or vanishes frees those too. */
export function migratingSettings(target: SessionTarget, statementLimitMs: number): ClientConfig {
  return {
    ...reachable(target),
    statement_timeout: statementLimitMs,
    query_timeout: statementLimitMs + (REPLY_LIMIT_MS - STATEMENT_LIMIT_MS),
    idle_in_transaction_session_timeout: IDLE_MIGRATION_LIMIT_MS,
    options: optionsOf({ ...KEEPALIVE, ...DROPPED }),
  };
}

export interface DatabaseAddress {
  readonly DATABASE_URL: string;
  readonly DATABASE_SSL?: boolean | undefined;
  readonly DATABASE_SSL_CA?: string | undefined;
}

/** Encrypted with a checked certificate, except on loopback or where the operator says that the network is private. */
export function encryption({
  DATABASE_URL,
  DATABASE_SSL,
  DATABASE_SSL_CA: ca,
}: DatabaseAddress): { rejectUnauthorized: true; ca?: string } | false {
  const isWanted = DATABASE_SSL ?? !isLoopback(new URL(DATABASE_URL).hostname);
  return isWanted ? { rejectUnauthorized: true, ...(ca && { ca }) } : false;
}

function reachable({ url, ssl, name }: SessionTarget): ClientConfig {
  return {
    connectionString: url,
    ssl,
    application_name: name,
    connectionTimeoutMillis: CONNECTION_LIMIT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: FIRST_KEEPALIVE_MS,
  };
}

const optionsOf = (settings: Record<string, string>): string =>
  Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
