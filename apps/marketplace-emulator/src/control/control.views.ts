import type { Marketplace } from '../marketplace';
import { operationInRest } from '../operation/operation.wire';
import { deadlineOf } from '../subscription/deadlines';
import { chargeDurationOf, subscriptionInRest } from '../subscription/subscription.wire';
import type { Subscription } from '../subscription/subscription';

/** The truth about a subscription: what the API shows, and what only Microsoft knows. */
export function subscriptionTruth(subscription: Subscription, marketplace: Marketplace) {
  const deadline = deadlineOf(subscription);
  return {
    ...subscriptionInRest(subscription, marketplace),
    quantity: subscription.quantity,
    chargeDuration: chargeDurationOf(subscription, marketplace),
    privateOffer: subscription.privateOffer ?? null,
    channel: subscription.channel,
    lastModified: subscription.lastModified,
    activateCalls: subscription.activateCalls,
    activationPending: marketplace.scheduler.isScheduled('complete-activation', subscription.id),
    pendingOperationId: subscription.pendingOperationId,
    nextPaymentFails: subscription.nextPaymentFails ?? false,
    deadline: deadline ? { what: deadline.what, at: new Date(deadline.atMs).toISOString() } : null,
  };
}

/** Its operations, oldest first, each with how it ended and whether its webhook still waits. */
export function operationTruths(subscription: Subscription, marketplace: Marketplace) {
  return marketplace.operations.ofSubscription(subscription.id).map((operation) => ({
    ...operationInRest(operation, subscription, marketplace),
    quantity: operation.quantity,
    settledBy: operation.settledBy,
    settledAt: operation.settledAt,
    reverts: operation.reverts,
    webhookWaits: marketplace.webhooks.get(operation.id) !== undefined,
  }));
}
