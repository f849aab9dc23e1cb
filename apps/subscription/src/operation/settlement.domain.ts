import { type MessageOf, type operationSettled } from '@landfall/contracts';
import { ignored, type Outcome } from '@landfall/messaging';
import { applyRead } from '../subscription/read.domain';
import { outcomeOf, set, type SubscriptionChange } from '../subscription/subscription';
import { sourceOf } from './operation.domain';

/** Microsoft has settled an operation. What it shows now counts, whatever we made of the operation before; then comes a read that was deferred for it. */
export function decideSettlement(
  current: SubscriptionChange | undefined,
  { data: settlement }: MessageOf<typeof operationSettled>,
): Outcome<SubscriptionChange> {
  if (!current) return ignored('an operation of a subscription that we have never seen has ended');
  const { operationId, action, settled, source, readAt: observedAt } = settlement;
  const { openOperations, deferredSnapshot } = current.subscription;
  const closed = set(current, { openOperations: openOperations.filter((open) => open.operationId !== operationId) });
  const isReversal = settled !== 'Succeeded';
  const cause = { source: isReversal ? ('reversal' as const) : sourceOf(source), operationId, effectiveAt: null, observedAt, action };
  const compared = applyRead(closed, settlement, cause);
  if (!deferredSnapshot) return outcomeOf(compared);
  return outcomeOf(applyRead(compared, deferredSnapshot, { source: 'reconciliation', effectiveAt: null, observedAt }));
}
