import type { TermUnit } from '../offers/offer';
import { termFrom } from '../subscription/term';
import { addMonths, midnight } from '../time/calendar';
import { parseDuration } from '../time/duration';

/** One of the terms of a subscription. */
export interface NumberedTerm {
  /** 0 for the first one. */
  number: number;
  startMs: number;
  /** The first instant after it. */
  endMs: number;
  term: { startDate: string; endDate: string };
}

/** The term that runs at an instant, where the first one began with the activation and each was renewed. */
export function termAt(activatedMs: number, termUnit: TermUnit, atMs: number): NumberedTerm {
  const months = parseDuration(termUnit)?.months as number;
  const startOf = (number: number) => addMonths(midnight(activatedMs), number * months);
  let number = Math.floor(monthsBetween(activatedMs, atMs) / months);
  if (startOf(number) > atMs) number--;
  return {
    number,
    startMs: startOf(number),
    endMs: startOf(number + 1),
    term: termFrom(startOf(number), termUnit, new Date(activatedMs).getUTCDate()),
  };
}

/** Beginnings of months that lie between two instants. */
function monthsBetween(fromMs: number, toMs: number): number {
  const [from, to] = [new Date(fromMs), new Date(toMs)];
  return (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
}
