import { MarketplaceError } from '@landfall/marketplace-client';
import { again, Overloaded, type JobOutcome } from '@landfall/messaging';
import { backoffMs, type Backoff } from '../backoff';
import { MicrosoftAnswerUnusable, MicrosoftAway } from './microsoft.errors';

/** A customer may be waiting, so the first attempts come soon. */
const BACKOFF: Backoff = { firstMs: 500, limitMs: 60_000 };
/** A longer Retry-After is not believed: the limits of a job are looked at when it runs. */
export const LONGEST_RETRY_AFTER_MS = 3_600_000;

/**
 * A job that found Microsoft away, or could not draw the number of a read in time, runs again later, without that counting as its failure. Every other error is thrown on, and counts; what
 * Microsoft answered, and the job did not expect, is no reason to give up at once.
 */
export function retryLater(error: unknown, run: number): JobOutcome {
  if (error instanceof MarketplaceError) throw new MicrosoftAnswerUnusable(error);
  if (error instanceof Overloaded) return again({ afterMs: backoffMs(run, BACKOFF) }, 'no number could be drawn for a read in time');
  if (!(error instanceof MicrosoftAway)) throw error;
  const askedMs = Math.min(error.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
  return again({ afterMs: Math.max(askedMs, backoffMs(run, BACKOFF)) }, error.message);
}
