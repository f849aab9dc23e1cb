import { errorCodeOf, isOutage } from '@landfall/service-defaults';
import { withoutPersonalData } from './erasure/personal.data';
import { Overloaded } from './micro-batch';
import { tookTooLong, TransactionOverdue } from './transaction';

/** A source that knows itself to be away (a breaker that is open): waiting for it counts no attempt. */
export const isAway = (error: unknown): boolean => (error as { isAway?: unknown } | undefined)?.isAway === true;

/** The database is away or hangs: that counts no attempt either. A statement that took too long (57014) may always be too slow, so it counts. */
export const isDatabaseAway = (error: unknown): boolean =>
  errorCodeOf(error) !== tookTooLong && (error instanceof TransactionOverdue || error instanceof Overloaded || isOutage(error));

/** An error after which trying again can't help. */
export const isPermanent = (error: unknown): boolean => (error as { retriable?: unknown } | undefined)?.retriable === false;

/** Data exceptions of Postgres quote the value that they refuse. */
const quotesData = /^22...$/;

/**
 * A reason for people: the error's own message, cut to 500 characters. It is stored and logged, so it holds no value of a message, and nothing that Postgres
 * does not store.
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return storableReason(textOf(error));
  const code = errorCodeOf(error);
  const message = quotesData.test(code) ? `Postgres refused a value (${code})` : error.message;
  return storableReason(`${error.constructor.name}: ${message}`);
}

const reasonLength = 500;
/** So much of a text is looked at before it is cut: what is taken out of it may have been long. */
const examinedLength = 4_000;

/**
 * A reason as the tables hold it. Postgres stores no NUL and no half of a surrogate pair, which a cut may leave. What is personal is taken out at once: an erasure
 * that was here before the reason would not come again.
 */
export const storableReason = (text: string): string =>
  withoutPersonalData(text.slice(0, examinedLength).replaceAll('\0', '')).slice(0, reasonLength).toWellFormed();

/** Anything may be thrown, also what can't become a text. */
function textOf(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return `a thrown ${typeof thrown} without a text`;
  }
}
