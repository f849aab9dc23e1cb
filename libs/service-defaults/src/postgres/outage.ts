interface DatabaseError {
  readonly code?: unknown;
  readonly driverError?: { readonly code?: unknown };
  readonly message?: unknown;
}

/** The SQLSTATE of an error of Postgres, or the code of an error of a socket; empty where it has none. TypeORM wraps the driver's error. */
export const errorCodeOf = (error: unknown): string => {
  const { code, driverError } = (error ?? {}) as DatabaseError;
  return String(driverError?.code ?? code ?? '');
};

/** 08 connection, 53 out of resources, 57P the server stops or starts, 40001 and 40P01 lost against another transaction, 57014, 55P03 and 25P03 a time limit, 25006 a server that only reads since a failover. */
const nobodysFault = /^(08...|53...|57P..|40001|40P01|57014|55P03|25P03|25006)$/;
/** 42P01 a table, 42703 a column, 3F000 a schema that is not there. */
const missingTable = /^(42P01|42703|3F000)$/;
const cutConnection = /^(ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
/** What pg and its pool say without a code. */
const cutText =
  /connection terminated|connection ended|client has encountered a connection error|timeout exceeded when trying to connect|timeout expired|query read timeout|received unexpected \w+ message|not queryable|client was closed|query runner already/i;
/** Those of them after which the session is of no use: it was cut, gave no answer, is out of step, or leads to a server that only reads. */
const illSession = /^(08...|57P..|25P03|25006)$/;

/**
 * The tables are not those of this version: a migration is missing, or somebody took a table away. No message is at fault and nothing works until a person
 * brings them up to date, so it is an outage, and one that has to be alarmed.
 */
export const areTablesOfAnotherVersion = (error: unknown): boolean => missingTable.test(errorCodeOf(error));

/**
 * The database is away, asks to try again, or has not the tables of this version: no message is at fault, so the same work is done again. It includes the commit whose answer was
 * lost, where the work may be done already: what was handled is on record, or the state tells it, so that such a repetition is harmless.
 */
export function isOutage(error: unknown): boolean {
  const code = errorCodeOf(error);
  if (nobodysFault.test(code) || cutConnection.test(code) || missingTable.test(code)) return true;
  return cutText.test(String((error as DatabaseError | undefined)?.message ?? ''));
}

/** To try again on the same session can't help: it is to be thrown away. */
export function isSessionIll(error: unknown): boolean {
  const code = errorCodeOf(error);
  return illSession.test(code) || cutConnection.test(code) || cutText.test(String((error as DatabaseError | undefined)?.message ?? ''));
}

/** The transaction was surely rolled back, and running it again may succeed: after 25006 on another session, which a fail-over may have made writable. */
export const isRolledBackByPostgres = (error: unknown): boolean => /^(40001|40P01|25006)$/.test(errorCodeOf(error));
