import { again, type JobOutcome } from '@landfall/messaging';
import { growingDelayMs } from '../pace';
import { MicrosoftAway } from './microsoft.errors';

/** A customer may be waiting, so the first tries come soon. */
const PACE = { firstMs: 500, limitMs: 60_000 };

/** A job that found Microsoft away runs again later, without that counting as its failure; every other error is thrown on. */
export function whenAway(error: unknown, run: number): JobOutcome {
  if (!(error instanceof MicrosoftAway)) throw error;
  return again({ afterMs: Math.max(error.retryAfterMs ?? 0, growingDelayMs(run, PACE)) }, error.message);
}
