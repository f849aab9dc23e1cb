import { z } from 'zod';

const instant = z.iso.datetime({ offset: true });
const duration = /^P(?:(\d{1,5})W|(?=\d|T\d)(?:(\d{1,5})D)?(?:T(?=\d)(?:(\d{1,7})H)?(?:(\d{1,7})M)?(?:(\d{1,9}(?:\.\d{1,3})?)S)?)?)$/;
const unitsMs = [604_800_000, 86_400_000, 3_600_000, 60_000, 1_000] as const;

/** An ISO 8601 duration of weeks, days, hours, minutes and seconds, in milliseconds. Months and years have no length of their own and are not taken. */
export function durationMs(text: string): number | undefined {
  const parts = duration.exec(text)?.slice(1);
  return parts?.reduce((sum, part, index) => sum + Number(part ?? 0) * (unitsMs[index] as number), 0);
}

export const durationText = z
  .string()
  .refine((text) => durationMs(text) !== undefined, 'must be an ISO 8601 duration like PT30S, PT10M or P2D');

/** A point in business time: an instant, or how long from now. */
export const instantOrDuration = z
  .string()
  .refine(
    (text) => durationMs(text) !== undefined || instant.safeParse(text).success,
    'must be an instant like 2026-01-31T12:00:00Z, or a duration from now like PT10M',
  );

export function atMs(text: string, nowMs: number): number {
  const fromNowMs = durationMs(text);
  return fromNowMs === undefined ? Date.parse(text) : nowMs + fromNowMs;
}
