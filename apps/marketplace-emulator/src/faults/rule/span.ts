import { z } from 'zod';
import { later, parseDuration } from '../../time/duration';
import { duration } from './fault.instant';

/** A length of business time, or the bounds between which one is drawn anew each time. */
export const span = z.union(
  [duration, z.strictObject({ from: duration, to: duration })],
  'must be an ISO 8601 duration, or {from, to} of two',
);

export type Span = z.infer<typeof span>;

/**
 * The length of a span in milliseconds. Between bounds every order of magnitude is as likely as every other: from two seconds to two hours,
 * most are minutes.
 * @param at from 0 up to 1
 */
export function drawnMs(wanted: Span, at: number): number {
  if (typeof wanted === 'string') return lengthMs(wanted);
  const [from, to] = [Math.max(lengthMs(wanted.from), 1), Math.max(lengthMs(wanted.to), 1)];
  return Math.round(Math.exp(Math.log(from) + at * (Math.log(to) - Math.log(from))));
}

/** Months count as in 1970. */
function lengthMs(text: string): number {
  const parsed = parseDuration(text);
  return parsed ? later(0, parsed) : 0;
}
