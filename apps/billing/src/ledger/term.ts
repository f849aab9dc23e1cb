import type { Term } from '@landfall/contracts';
import { DAY_MS, dayOf, type Instant } from './hours';

/** A term in which usage is counted against what the plan includes. Its dates are Microsoft's; midnight is UTC (contract 6.3, 4). */
export interface CountedTerm {
  /** `P1M`, `P1Y` …: a year's included quantity is not twelve months'. */
  readonly termUnit: string;
  readonly startDate: string;
  /** The last day, inclusive. */
  readonly endDate: string;
}

/** A term in which something was used, and whether Microsoft has shown it. One that it has not shown yet is reckoned from the last that it has. */
export interface TermFound extends CountedTerm {
  readonly isConfirmed: boolean;
}

/** Terms that nobody has shown are reckoned no further than this. */
const RECKONED_LIMIT = 120;

/** Null until Microsoft names its dates: at the activation. */
export function termOf({ termUnit, startDate, endDate }: Partial<Term>): CountedTerm | null {
  return termUnit && startDate && endDate ? { termUnit, startDate, endDate } : null;
}

export const startOfTerm = ({ startDate }: CountedTerm): Instant => Date.parse(startDate);
export const endOfTerm = ({ endDate }: CountedTerm): Instant => Date.parse(endDate) + DAY_MS;

/** `known`: by their first day. What was used before the first of them counts in that one. Null: no term is known. */
export function termAt(known: readonly CountedTerm[], instant: Instant): TermFound | null {
  const found = known.findLast((term) => startOfTerm(term) <= instant) ?? known[0];
  if (!found) return null;
  let term: TermFound = { ...found, isConfirmed: true };
  for (let times = 1; endOfTerm(term) <= instant && times <= RECKONED_LIMIT; times += 1) term = nextOf(found, times);
  return term;
}

/** The term that follows so many terms later, as Microsoft renews it (contract 5.3). */
function nextOf(term: CountedTerm, times: number): TermFound {
  const [, count, unit] = /^P(\d+)([MY])$/.exec(term.termUnit) ?? [];
  const months = count ? Number(count) * (unit === 'Y' ? 12 : 1) : 1;
  const startDate = monthsAfter(endDayAfter(term), months * (times - 1));
  return { termUnit: term.termUnit, startDate, endDate: dayBefore(monthsAfter(endDayAfter(term), months * times)), isConfirmed: false };
}

const endDayAfter = (term: CountedTerm): string => dayOf(endOfTerm(term));
const dayBefore = (day: string): string => dayOf(Date.parse(day) - DAY_MS);

/** The same day of a later month, or its last one where it is shorter. */
function monthsAfter(day: string, months: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  const last = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate();
  return dayOf(Date.UTC(year, month - 1 + months, Math.min(date, last)));
}
