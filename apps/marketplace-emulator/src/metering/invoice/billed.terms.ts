import { refundWindowMs } from '../../operation/cancellations';
import type { Subscription } from '../../subscription/subscription';
import type { Stretch } from '../../subscription/subscription.history';

const dayMs = 86_400_000;

/** Days of a term, counted from its first, in which plan, seats and trial were the same. */
export interface Segment extends Pick<Stretch, 'planId' | 'quantity' | 'isFreeTrial'> {
  firstDay: number;
  days: number;
}

/** A term that has begun: what was held in it day by day, and whether its fee is given back. */
export interface BilledTerm {
  startMs: number;
  days: number;
  termUnit: Subscription['termUnit'];
  segments: Segment[];
  /** Cancelled in time. */
  isRefunded: boolean;
}

/**
 * The terms of a subscription in their order. A fee is due for the whole of its term. The 72 hours in which it is given back run from the
 * purchase, however late the activation was, and after that from each renewal (contract 5.4).
 */
export function billedTerms(stretches: readonly Stretch[], boughtAtMs: number): BilledTerm[] {
  const byStart = new Map<string, Stretch[]>();
  for (const stretch of stretches) {
    if (stretch.term) byStart.set(stretch.term.startDate, [...(byStart.get(stretch.term.startDate) ?? []), stretch]);
  }
  return [...byStart.values()]
    .map((ofTerm) => billedTerm(ofTerm, (due) => (due === stretches[0] ? boughtAtMs : due.fromMs)))
    .filter((term) => term !== undefined);
}

function billedTerm(stretches: Stretch[], dueAtMs: (due: Stretch) => number): BilledTerm | undefined {
  const held = stretches.filter(({ status }) => status !== 'Unsubscribed');
  const [first, last] = [held[0], held.at(-1)];
  if (!first?.term || !last?.term) return undefined;
  const startMs = Date.parse(first.term.startDate);
  const days = Math.round((Date.parse(last.term.endDate) - startMs) / dayMs) + 1; // the last day is in it
  const cancelled = stretches.find(({ status }) => status === 'Unsubscribed');
  const due = held.find(({ isFreeTrial }) => !isFreeTrial) ?? first;
  const isRefunded = cancelled !== undefined && cancelled.fromMs - dueAtMs(due) <= refundWindowMs;
  return { startMs, days, termUnit: last.termUnit, segments: segmentsOf(held, startMs, days), isRefunded };
}

/** A day belongs to what was held at its end, and the days to come to what is held now. */
function segmentsOf(held: Stretch[], startMs: number, days: number): Segment[] {
  const segments: Segment[] = [];
  held.forEach(({ fromMs, planId, quantity, isFreeTrial }, index) => {
    const firstDay = index === 0 ? 0 : Math.min(Math.max(Math.floor((fromMs - startMs) / dayMs), 0), days);
    while (segments.length > 0 && (segments.at(-1) as Segment).firstDay >= firstDay) segments.pop();
    const before = segments.at(-1);
    const isSame = before?.planId === planId && before.quantity === quantity && before.isFreeTrial === isFreeTrial;
    if (!isSame && firstDay < days) segments.push({ planId, quantity, isFreeTrial, firstDay, days: 0 });
  });
  return segments.map((segment, index) => ({ ...segment, days: (segments[index + 1]?.firstDay ?? days) - segment.firstDay }));
}
