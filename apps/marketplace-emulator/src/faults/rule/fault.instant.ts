import { z } from 'zod';
import { later, parseDuration } from '../../time/duration';

const instant = z.iso.datetime({ offset: true });

/** How long before. */
export const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, 'must be an ISO 8601 duration like PT30S, PT10M or P2D');

/** A point in business time: an instant, or how long from now. */
export const instantOrDuration = z
  .string()
  .refine(
    (text) => parseDuration(text) !== undefined || instant.safeParse(text).success,
    'must be an instant like 2026-01-31T12:00:00Z, or a duration from now like PT10M',
  );

export function instantOf(text: string, nowMs: number): number {
  const fromNow = parseDuration(text);
  return fromNow ? later(nowMs, fromNow) : Date.parse(text);
}

export function earlier(nowMs: number, text: string): number {
  const { months, ms } = parseDuration(text) ?? { months: 0, ms: 0 };
  return later(nowMs, { months: -months, ms: -ms });
}
