import { monthsOf, type TermUnit } from '../offers/offer';
import { addDays, addMonths, midnight } from '../time/calendar';
import type { Subscription } from './subscription';

export interface Term {
  startDate: string;
  endDate: string;
}

/**
 * What a subscription gets when its first term begins, or the first paid one after a trial that was ended. A trial lasts for a month,
 * whatever the term that follows it (contract 1.5).
 */
export function beginTerm(startMs: number, { termUnit, isFreeTrial }: Pick<Subscription, 'termUnit' | 'isFreeTrial'>) {
  return { term: termFrom(startMs, isFreeTrial ? 'P1M' : termUnit), anchorDay: new Date(startMs).getUTCDate() };
}

/**
 * The term that starts on the day of `startMs`: whole days in UTC, the end inclusive, so that a month from 14 January ends on 13 February
 * (contract 3.2).
 * @param anchorDay the day of the month that is meant, where a short month has moved the start away from it
 */
export function termFrom(startMs: number, termUnit: TermUnit, anchorDay?: number): Term {
  const start = midnight(startMs);
  return { startDate: isoDate(start), endDate: isoDate(addDays(addMonths(start, monthsOf[termUnit], anchorDay), -1)) };
}

/**
 * The term after the present one: it begins on the day after the last valid day (contract 5.3). Terms that began on the 31st go on doing so
 * after a February, as in calendars; Microsoft does not document it.
 */
export function termAfter(term: Term, { termUnit, anchorDay }: Pick<Subscription, 'termUnit' | 'anchorDay'>): Term {
  return termFrom(endOf(term), termUnit, anchorDay);
}

/** The first instant after the last valid day. */
export function endOf(term: Term): number {
  return addDays(Date.parse(term.endDate), 1);
}

function isoDate(atMs: number): string {
  return new Date(atMs).toISOString().replace('.000Z', 'Z');
}
