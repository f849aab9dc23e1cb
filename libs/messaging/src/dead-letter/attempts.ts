import { isPermanent, reasonOf } from '../failure';
import type { Randomness } from '../ports';

/** Why a message could not be handled, and what becomes of its key. */
export interface Failure {
  /** `waiting`: something outside is missing. `failing`: the message is at fault. `dead`: trying again can't help. */
  readonly state: 'waiting' | 'failing' | 'dead';
  /** For people: at most 500 characters, without values of the message. */
  readonly reason: string;
  /** The source is away: the attempt is not counted. */
  readonly isAway?: boolean;
}

const second = 1000;
const minute = 60 * second;

/** What is missing mostly comes soon; the last delay repeats. */
const waitingDelaysMs = [250, second, 5 * second, minute, 5 * minute, 15 * minute];
const awayDelayMs = { shortest: 250, longest: 15 * second };
const longestFailingDelayMs = 60 * minute;

/** About a day of attempts in both states; then the key is dead, and an operator's. */
const waitingAttempts = 100;
const failingAttempts = 30;

/** A throw of a stage. */
export const faultOf = (error: unknown): Failure => ({ state: isPermanent(error) ? 'dead' : 'failing', reason: reasonOf(error) });

export interface NextAttempt {
  readonly state: Failure['state'];
  readonly attempts: number;
  readonly delayMs: number;
}

/** When a key is tried again after a failure; `attempts` and `ageMs` are from before it. Each delay varies by ± 10 %. */
export function nextAttempt(failure: Failure, attempts: number, ageMs: number, randomness: Randomness): NextAttempt {
  const jitter = 0.9 + 0.2 * randomness.next();
  if (failure.isAway) {
    const delayMs = Math.min(Math.max(ageMs / 4, awayDelayMs.shortest), awayDelayMs.longest);
    return { state: 'waiting', attempts, delayMs: delayMs * jitter };
  }
  const counted = attempts + 1;
  const isLast = counted >= (failure.state === 'waiting' ? waitingAttempts : failingAttempts);
  return { state: isLast ? 'dead' : failure.state, attempts: counted, delayMs: delayAfter(failure, counted) * jitter };
}

function delayAfter(failure: Failure, attempts: number): number {
  if (failure.state === 'waiting') return waitingDelaysMs[Math.min(attempts, waitingDelaysMs.length) - 1]!;
  return Math.min(second * 4 ** (attempts - 1), longestFailingDelayMs);
}
