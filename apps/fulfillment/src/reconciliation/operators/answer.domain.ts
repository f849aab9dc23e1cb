import { changed, refused, type Outcome } from '@landfall/messaging';
import { findingsOf } from '../guard.domain';
import type { Asked } from '../reconciliation';
import { releaseFindings } from '../reconciliation.job';

/** What a sweep keeps back is let through. */
export function letThrough(asked: Asked): Outcome<Asked> {
  if (notOpen(asked)) return refused(notOpen(asked)!);
  const { id: reconciliationId, registration, asks } = asked;
  const release = releaseFindings({ reconciliationId, registration, findings: findingsOf(asks), handedOver: [] });
  return changed({ ...asked, answer: 'released' }, release);
}

/** What a sweep keeps back is not to happen. */
export function dismissed(asked: Asked): Outcome<Asked> {
  return notOpen(asked) ? refused(notOpen(asked)!) : changed({ ...asked, answer: 'dismissed' as const });
}

function notOpen({ asks, answer }: Asked): string | null {
  if (asks.length === 0) return 'This sweep asks nothing';
  if (answer === 'superseded') return 'A newer sweep of this registration has ended since: look at that one';
  return answer === null ? null : `This was answered already: ${answer}`;
}
