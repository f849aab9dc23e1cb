import type { Operation } from '../operation/operation';
import type { Subscription } from '../subscription/subscription';
import { subscriptionInWebhook, type Parties } from '../subscription/subscription.dto';

export type WebhookPayload = ReturnType<typeof webhookPayload>;

/**
 * The body of a webhook (contract 4.3). It shows the subscription as it is when the operation starts: with the old plan or quantity for a
 * change, with the new state for everything that has happened already. A flat rate has quantity 1 at the top and null in the subscription.
 */
export function webhookPayload(operation: Operation, subscription: Subscription, parties: Parties) {
  const snapshot = subscriptionInWebhook(subscription, parties);
  return {
    id: operation.id,
    activityId: operation.id,
    publisherId: snapshot.publisherId,
    offerId: snapshot.offerId,
    planId: operation.planId,
    quantity: operation.quantity ?? 1,
    subscriptionId: operation.subscriptionId,
    timeStamp: operation.timeStamp,
    action: operation.action,
    status: operation.status,
    operationRequestSource: operation.requestSource,
    subscription: snapshot,
    purchaseToken: null,
  };
}
