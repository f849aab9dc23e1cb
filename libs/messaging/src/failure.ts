import { errorCodeOf } from '@landfall/service-defaults';

/** A source that said by itself that it is away (a breaker that is open): waiting for it counts no attempt. */
export const isAway = (error: unknown): boolean => (error as { isAway?: unknown } | undefined)?.isAway === true;

/** An error that says that trying again can't help. */
export const isPermanent = (error: unknown): boolean => (error as { retriable?: unknown } | undefined)?.retriable === false;

/** Data exceptions of Postgres quote the value that they refuse. */
const quotesData = /^22...$/;

/** A reason for people: what the error says about itself, cut to 500 characters. It is stored and logged, so it holds no value of a message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, 500);
  const code = errorCodeOf(error);
  const said = quotesData.test(code) ? `Postgres refused a value (${code})` : error.message;
  return `${error.constructor.name}: ${said}`.slice(0, 500);
}
