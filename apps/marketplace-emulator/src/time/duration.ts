import { addMonths } from './calendar';

/** An ISO 8601 duration: months and years have no length of their own, so they are counted in the calendar. */
export interface Duration {
  months: number;
  ms: number;
}

const shape =
  /^P(?=[\dT])(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,7})H)?(?:(\d{1,9})M)?(?:(\d{1,10}(?:\.\d{1,3})?)S)?)?$/;

/** `P1Y2M`, `P40D`, `PT8H30M0.5S`; undefined for anything else, signs and fractions of other parts than seconds included. */
export function parseDuration(text: string): Duration | undefined {
  const parts = shape
    .exec(text)
    ?.slice(1)
    .map((part) => Number(part ?? 0));
  if (!parts) return undefined;
  const [years, months, weeks, days, hours, minutes, seconds] = parts as [number, number, number, number, number, number, number];
  const wholeDays = weeks * 7 + days;
  return { months: years * 12 + months, ms: Math.round((((wholeDays * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000) };
}

/** The instant that is a duration later, months first, as ISO 8601 and calendars have it. */
export function later(atMs: number, duration: Duration): number {
  return addMonths(atMs, duration.months) + duration.ms;
}
