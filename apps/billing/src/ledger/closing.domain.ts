import { endOf, type Instant } from './hours';
import type { Ledger, WriteOff } from './ledger';
import { wholeCentsOf } from './micros';
import { dueOf, metersOf, type SealingPace } from './sealing.domain';
import { currentOf, endedAt } from './timeline';

/**
 * What is written off: the fractions of a cent of a plan that holds no longer, and all that is left of a subscription that has ended, once no hour of it can take it any more.
 */
export function writeOffs(ledger: Ledger, now: Instant, pace: SealingPace): readonly WriteOff[] {
  const { timeline } = ledger;
  const ended = endedAt(timeline);
  const isOver = ended !== null && now >= endOf(ended) + pace.deadlineMs;
  return metersOf(ledger).flatMap(({ planId, meter }) =>
    meter.tiers.flatMap(({ dimension }) => {
      const due = dueOf(ledger, { planId, meter, dimension });
      if (!due || !(isOver || isPlanOver(ledger, now, pace, planId))) return [];
      const isFraction = wholeCentsOf(due.quantity, ledger.rates[planId]?.prices[dimension] ?? null) === 0n;
      if (!isOver && !isFraction) return [];
      return [{ planId, meter: meter.meter, dimension, ...due, reason: isOver ? 'subscription-ended' : 'plan-ended' } as const];
    }),
  );
}

/** Another plan holds, and the deadline of this one's last hour has passed. */
function isPlanOver({ timeline }: Ledger, now: Instant, { deadlineMs }: SealingPace, planId: string): boolean {
  if (currentOf(timeline)?.planId === planId) return false;
  const last = timeline.segments.findLastIndex((segment) => segment.planId === planId);
  const until = timeline.segments[last + 1]?.from;
  return until !== undefined && now >= endOf(until) + deadlineMs;
}
