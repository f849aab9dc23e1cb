import type { Status, SubscriptionRead } from '@landfall/contracts';
import type { Effect } from '@landfall/messaging';
import { overtakenActivation } from '../activation/activation.job';
import { overtakenCancellation } from '../cancellation/cancellation.job';
import { overtakenChanges } from '../change/change.job';
import { overtakenLooks } from '../operation/operation.job';

/**
 * Whether a subscription is pending no longer, so that there is nothing to activate, and no pending purchase to cancel. Nothing leads back there (contract 5.1): a
 * copy that lags shows too little by this, never too much.
 */
const isSetUp: Readonly<Record<Status, boolean>> = {
  NotStarted: false,
  PendingFulfillmentStart: false,
  Subscribed: true,
  Suspended: true,
  Unsubscribed: true,
};

/**
 * The jobs of which a read shows that they are settled without them: the set-up, or all that changes a subscription where it has ended (rule 3). It goes with every read that is published, in the same transaction: what had failed holds up
 * no change of the subscription, and calls no operator, any more. What is at work asks Microsoft itself, and says how it ended.
 */
export function overtakenBy(read: SubscriptionRead | null): Effect[] {
  if (!read) return [];
  const { subscriptionId, status } = read.snapshot;
  if (status === undefined || !isSetUp[status]) return [];
  const reason = `Microsoft shows the subscription as ${status}`;
  const setUp = [...overtakenActivation(subscriptionId, reason), ...overtakenCancellation(subscriptionId, reason)];
  return status === 'Unsubscribed'
    ? [...setUp, ...overtakenChanges(subscriptionId, reason), overtakenLooks(subscriptionId, reason)]
    : setUp;
}
