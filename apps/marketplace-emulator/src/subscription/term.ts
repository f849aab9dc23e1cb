import type { TermUnit } from '../offers/offer';

const monthsOf: Record<TermUnit, number> = { P1M: 1, P1Y: 12, P2Y: 24, P3Y: 36, P4Y: 48, P5Y: 60 };

/** The term that starts on the day of `startMs`: whole days in UTC, the end inclusive, so that a month from 14 January ends on 13 February (contract 3.2). */
export function termFrom(startMs: number, termUnit: TermUnit): { startDate: string; endDate: string } {
  const start = midnight(startMs);
  const nextStart = addMonths(start, monthsOf[termUnit]);
  return { startDate: wireDate(start), endDate: wireDate(addDays(nextStart, -1)) };
}

/** The term after the given one: it begins on the day after the last valid day (contract 5.3). */
export function termAfter(term: { endDate: string }, termUnit: TermUnit): { startDate: string; endDate: string } {
  return termFrom(addDays(new Date(term.endDate), 1).getTime(), termUnit);
}

function midnight(atMs: number): Date {
  const at = new Date(atMs);
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()));
}

/** The same day some months later, or the last day of that month where it has no such day. */
function addMonths(date: Date, months: number): Date {
  const target = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
  const daysInMonth = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate();
  target.setUTCDate(Math.min(date.getUTCDate(), daysInMonth));
  return target;
}

function addDays(date: Date, days: number): Date {
  return new Date(date.getTime() + days * 86_400_000);
}

function wireDate(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z');
}
