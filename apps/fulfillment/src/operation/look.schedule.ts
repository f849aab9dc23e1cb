import { isChange, type Operation } from './operation';

/** How fast looks follow each other, in milliseconds: settings of this service. */
export interface Pace {
  /** So long Microsoft's copies may lag: the last look at an operation that is never shown comes then (`COPY_LAG`). */
  readonly copyLagMs: number;
  /** Between the first looks at an open operation (`OPERATION_POLL_INTERVAL`). */
  readonly pollMs: number;
}

const second = 1_000;
/** Ages at which an operation that is not shown is looked at again, before the last look (rule 5). Each second, since a change waits for our PATCH. */
const CHANGE_LOOKS_MS = [250, ...Array.from({ length: 10 }, (_, past) => (past + 1) * second), 15 * second, 30 * second, 60 * second];
const FACT_LOOKS_MS = [250, second, 5 * second, 15 * second, 60 * second];
/** A look that comes so shortly before its age is that look: timers are not exact. */
const SLACK_MS = 50;

const LAST_LOOK_AGAIN_MS = { first: 2 * second, limit: 60 * second };
/** The last look waits for both answers no longer than this. */
export const LOOK_LIMIT_MS = 24 * 3_600 * second;

/** Until the next look at an operation that is not shown, and whose last look has not come yet. */
export function untilNextLookMs({ action, ageMs }: Pick<Operation, 'action' | 'ageMs'>, { copyLagMs }: Pace): number {
  const looks = isChange(action) ? CHANGE_LOOKS_MS : FACT_LOOKS_MS;
  const next = looks.find((atMs) => atMs > ageMs + SLACK_MS && atMs < copyLagMs) ?? copyLagMs;
  return next - ageMs;
}

/** Until the last look is repeated, which was not answered: 2 s, and then half as long as it has been due. */
export function untilLastLookAgainMs({ ageMs }: Pick<Operation, 'ageMs'>, { copyLagMs }: Pace): number {
  return Math.min(LAST_LOOK_AGAIN_MS.limit, Math.max(LAST_LOOK_AGAIN_MS.first, (ageMs - copyLagMs) / 2));
}

/** From this age on the subscription is read beside an open operation. */
export const READ_BESIDE_AFTER_MS = 10 * second;
/** An operation that was shown and is not shown any more for so long has vanished (rule 5). */
export const VANISHED_AFTER_MS = 15 * second;
/** An operation that stays open for so long is stuck (rule 5). */
export const STUCK_AFTER_MS = 600 * second;

/** Until the next look at an operation that was shown and has not ended: by default each 2 s, from 30 s on each 10 s, from 2 min on each minute. */
export function untilNextPollMs(shownMs: number, { pollMs }: Pace): number {
  if (shownMs < 30 * second) return pollMs;
  return shownMs < 120 * second ? 5 * pollMs : 30 * pollMs;
}
