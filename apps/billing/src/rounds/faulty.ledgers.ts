import { errorCodeOf, isRetriable } from '@landfall/service-defaults';
import type { Instant } from '../ledger/hours';

/** So long a ledger that can't be looked at is passed over, in business time. */
export const PASSED_OVER_MS = 5 * 60_000;
/** Where so many are at fault, none of them is: then rounds fail as a whole, and say so. */
const MOST_PASSED_OVER = 1_000;
/** SQLSTATE: a statement was cut off by its limit of time. It may always be too slow. */
const tookTooLong = '57014';

/** The ledger is at fault, or the code that looks at it: the database is there, and to try again at once can't help. */
export const isFault = (error: unknown): boolean => !isRetriable(error) || errorCodeOf(error) === tookTooLong;

/** It took too long: of many ledgers together that may be their number. */
export const isTooSlow = (error: unknown): boolean => [tookTooLong, 'TRANSACTION_OVERDUE'].includes(errorCodeOf(error));

/** The ledgers that failed alone: rounds of this copy pass them over for a while, and go on with all others. */
export class FaultyLedgers {
  private readonly untilById = new Map<string, Instant>();

  /** Those that are passed over at that instant. */
  at(now: Instant): readonly string[] {
    for (const [id, until] of this.untilById) if (until <= now) this.untilById.delete(id);
    return [...this.untilById.keys()];
  }

  isFull(now: Instant): boolean {
    return this.at(now).length >= MOST_PASSED_OVER;
  }

  /** @returns false where there are too many of them */
  add(id: string, now: Instant): boolean {
    if (this.isFull(now)) return false;
    this.untilById.set(id, now + PASSED_OVER_MS);
    return true;
  }
}
