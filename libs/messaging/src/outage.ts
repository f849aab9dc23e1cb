interface DatabaseError {
  readonly code?: unknown;
  readonly driverError?: { readonly code?: unknown };
  readonly message?: unknown;
}

const codeOf = (error: unknown): string => {
  const { code, driverError } = (error ?? {}) as DatabaseError;
  return String(driverError?.code ?? code ?? '');
};

/** 08 connection, 53 out of resources, 57P the server stops or starts, 40001 and 40P01 lost against another transaction, 57014, 55P03 and 25P03 a time limit, 25006 a server that only reads since a failover. */
const nobodysFault = /^(08...|53...|57P..|40001|40P01|57014|55P03|25P03|25006)$/;
const cutConnection = /^(ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
/** What pg and its pool say without a code. */
const cutText =
  /connection terminated|connection ended|client has encountered a connection error|timeout exceeded when trying to connect|timeout expired|not queryable|client was closed|query runner already/i;

/**
 * The database is away, or asks to try again: no message is at fault, so the same work is done again. It includes the commit whose answer was
 * lost, where the work may be done already: the insert into processed_message makes that repetition harmless.
 */
export function isOutage(error: unknown): boolean {
  const code = codeOf(error);
  if (nobodysFault.test(code) || cutConnection.test(code)) return true;
  return cutText.test(String((error as DatabaseError | undefined)?.message ?? ''));
}

/** The transaction was surely rolled back, and running it again may succeed. */
export const isRolledBackByPostgres = (error: unknown): boolean => /^(40001|40P01)$/.test(codeOf(error));

/** A source that said by itself that it is away (a breaker that is open): waiting for it counts no attempt. */
export const isAway = (error: unknown): boolean => (error as { isAway?: unknown } | undefined)?.isAway === true;

/** An error that says that trying again can't help. */
export const isPermanent = (error: unknown): boolean => (error as { retriable?: unknown } | undefined)?.retriable === false;

/** Data exceptions of Postgres quote the value that they refuse. */
const quotesData = /^22...$/;

/** A reason for people: what the error says about itself, cut to 500 characters. It is stored and logged, so it holds no value of a message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, 500);
  const code = codeOf(error);
  const said = quotesData.test(code) ? `Postgres refused a value (${code})` : error.message;
  return `${error.constructor.name}: ${said}`.slice(0, 500);
}
