import { type MessageOf, type subscriptionObserved } from '@landfall/contracts';
import { type Outcome } from '@landfall/messaging';
import { applyRead } from '../subscription/read.domain';
import { outcomeOf, type SubscriptionChange } from '../subscription/subscription';

/** Decides what a read outside an operation shows: after an activation, after a webhook that names no operation, or in a reconciliation. */
export function decideObservation(
  current: SubscriptionChange | undefined,
  { data }: MessageOf<typeof subscriptionObserved>,
): Outcome<SubscriptionChange> {
  const source = data.occasion === 'activation' ? 'landing' : data.occasion;
  return outcomeOf(applyRead(current, data, { source, effectiveAt: null, observedAt: data.readAt }));
}
