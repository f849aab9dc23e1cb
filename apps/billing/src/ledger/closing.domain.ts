import { endOf, type Instant } from './hours';
import type { Ledger, WriteOff } from './ledger';
import { billedOf, dueOf, type SealingPace } from './sealing.domain';
import { currentOf, endedAt } from './timeline';

/**
 * What is written off: all that is left of a plan that holds no longer, or of a subscription that has ended, once no hour of it can take it any more. Microsoft takes nothing for
 * older hours (contract 6.3, 2).
 */
export function writeOffs(ledger: Ledger, now: Instant, pace: SealingPace): readonly WriteOff[] {
  const { timeline } = ledger;
  const ended = endedAt(timeline);
  const isOver = ended !== null && now >= endOf(ended) + pace.deadlineMs;
  return billedOf(ledger).flatMap(({ planId, meter, dimensions }) =>
    dimensions.flatMap((dimension) => {
      if (!isOver && !isPlanOver(ledger, now, pace, planId)) return [];
      const due = dueOf(ledger, { planId, meter, dimension });
      return due ? [{ planId, meter, dimension, ...due, reason: isOver ? 'subscription-ended' : 'plan-ended' } as const] : [];
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
