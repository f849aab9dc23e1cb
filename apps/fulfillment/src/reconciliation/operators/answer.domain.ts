import { changed, refused, type Outcome } from '@landfall/messaging';
import { findingsOf } from '../guard.domain';
import type { Asked } from '../reconciliation';
import { followDifferences } from '../difference/difference.job';
import { releaseFindings } from '../reconciliation.job';

/** What a sweep keeps back is let through. */
export function letThrough(asked: Asked): Outcome<Asked> {
  if (notOpen(asked)) return refused(notOpen(asked)!);
  const { id: reconciliationId, registration, asks, ended } = asked;
  if (ended === 0 && !asks.includes('import')) return refused(nothingKeptBack);
  const release = releaseFindings({ reconciliationId, registration, findings: findingsOf(asks), handedOver: [] });
  return changed({ ...asked, answer: 'released' }, release);
}

const nothingKeptBack =
  'All that this sweep asks about is missing at Microsoft, and nothing is ended by that: there is nothing to let through. Dismiss it to be asked no more about these';

/** What a sweep keeps back is not to happen, and what it did not show may be missing: also where it is so little that nothing is asked. */
export function dismissed(asked: Asked): Outcome<Asked> {
  const { registration, asks, answer, missing = 0 } = asked;
  const isAboutMissing = asks.length === 0 && missing > 0 && answer === null;
  if (!isAboutMissing && notOpen(asked)) return refused(notOpen(asked)!);
  return changed({ ...asked, answer: 'dismissed' as const }, followDifferences({ registration, after: null }));
}

/** Whether what is missing is dismissed with it: not where only an import is asked about. */
export const dismissesMissing = ({ asks }: Pick<Asked, 'asks'>): boolean => asks.length === 0 || asks.includes('loss');

function notOpen({ asks, answer }: Asked): string | null {
  if (answer === 'superseded') return 'A newer sweep of this registration has ended since: look at that one';
  if (answer !== null) return `This was answered already: ${answer}`;
  return asks.length === 0 ? 'This sweep asks nothing' : null;
}
