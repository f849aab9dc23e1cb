import { stableId, type differenceEnded, type differenceFound, type Difference, type MessageOf } from '@landfall/contracts';
import { ignored, type Outcome } from '@landfall/messaging';
import { unexplained } from '../subscription/explanation.domain';
import { outcomeOf, type SubscriptionChange } from '../subscription/subscription';
import { isOpenDrift, type Drift, type DriftingMember } from './drift';
import { keepDrift, sinceWithin } from './drift.domain';

/** What differs, and no read tells the record so. */
const memberOf: Readonly<Record<Difference, DriftingMember & ('subscription' | 'status')>> = { missing: 'subscription', guarded: 'status' };

/** A sweep found that Microsoft's list leaves the subscription out, or that its end waits for an operator: that is an open drift, and changes nothing else. */
export function recordDifference(
  current: SubscriptionChange | undefined,
  { id: messageId, data }: MessageOf<typeof differenceFound>,
): Outcome<SubscriptionChange> {
  const { difference, foundAt } = data;
  if (!current || current.subscription.status === 'Unsubscribed') return ignored('the record has nothing alive that could differ');
  const member = memberOf[difference];
  const open = openDriftOf(current, member);
  const microsofts = difference === 'missing' ? null : 'Unsubscribed';
  if (open) {
    const again = { microsofts, keptReason: difference, lastFoundAt: foundAt, timesFound: open.timesFound + 1 };
    return outcomeOf(keepDrift(current, { ...open, ...again }));
  }
  return outcomeOf(
    keepDrift(current, { ...newDrift(current, data), id: stableId(messageId, `drift-of-${member}`, 0), member, microsofts }),
  );
}

/** It is over: Microsoft shows it again, or an operator wants nothing to follow from it. What a read or a change has ended before stays as it ended. */
export function recordDifferenceEnd(
  current: SubscriptionChange | undefined,
  { data: { difference, end, endedAt } }: MessageOf<typeof differenceEnded>,
): Outcome<SubscriptionChange> {
  const open = current && openDriftOf(current, memberOf[difference]);
  if (!current || open?.keptReason !== difference) return ignored('no such drift is open');
  return outcomeOf(keepDrift(current, { ...open, state: 'over', endedAt, endReason: end }));
}

const openDriftOf = ({ drifts }: SubscriptionChange, member: DriftingMember): Drift | undefined =>
  drifts.find((drift) => drift.member === member && isOpenDrift(drift));

function newDrift(
  change: SubscriptionChange,
  { difference, since, foundAt, reconciliationId }: MessageOf<typeof differenceFound>['data'],
): Omit<Drift, 'id' | 'member' | 'microsofts'> {
  const { status, planId, quantity } = change.subscription;
  const isMissing = difference === 'missing';
  return {
    ours: isMissing ? { status, planId, quantity } : status,
    since: isMissing
      ? { from: null, to: since }
      : sinceWithin(unexplained(change, 'status', 'reconciliation', since).effectiveBetween!, change.subscription),
    ...{ foundAt, lastFoundAt: foundAt, timesFound: 1, occasion: 'reconciliation', reconciliationId, source: 'reconciliation' },
    ...{ operationId: null, state: 'open', keptReason: difference, endedAt: null, event: null, version: null, endReason: null },
  };
}
