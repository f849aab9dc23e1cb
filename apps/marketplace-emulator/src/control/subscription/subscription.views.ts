import { factsOf } from '../../faults/fault.context';
import type { FaultRepository } from '../../faults/rule/fault.repository';
import type { Operation } from '../../operation/operation';
import { operationInRest } from '../../operation/operation.dto';
import type { OperationRepository } from '../../operation/operation.repository';
import { deadlineOf } from '../../subscription/deadlines';
import type { Subscription } from '../../subscription/subscription';
import { chargeDurationOf, subscriptionInRest, type Parties } from '../../subscription/subscription.dto';
import type { Scheduler } from '../../time/scheduler';
import { timeStampOf } from '../../time/clock';
import type { WebhookQueue } from '../../webhook/webhook.queue';

/** Subscriptions and operations as the control API shows them: what the API shows, and what is Microsoft's alone. */
export class SubscriptionViews {
  constructor(
    private readonly parties: Parties,
    private readonly operations: OperationRepository,
    private readonly webhooks: Pick<WebhookQueue, 'get'>,
    private readonly faults: Pick<FaultRepository, 'thatHit'>,
    private readonly scheduler: Scheduler,
  ) {}

  subscription(subscription: Subscription) {
    const deadline = deadlineOf(subscription);
    return {
      ...subscriptionInRest(subscription, this.parties),
      quantity: subscription.quantity,
      chargeDuration: chargeDurationOf(subscription, this.parties),
      privateOffer: subscription.privateOffer ?? null,
      channel: subscription.channel,
      lastModified: subscription.lastModified,
      activateCalls: subscription.activateCalls,
      activationPending: this.scheduler.isScheduled('complete-activation', subscription.id),
      pendingOperationId: subscription.pendingOperationId,
      nextPaymentFails: subscription.nextPaymentFails ?? false,
      deadline: deadline ? { what: deadline.what, at: new Date(deadline.atMs).toISOString() } : null,
    };
  }

  /** Oldest first, each with how it ended and whether its webhook still waits. */
  operationsOf(subscription: Subscription) {
    return this.operations.ofSubscription(subscription.id).map((operation) => ({
      ...operationInRest(operation, subscription, this.parties),
      quantity: operation.quantity,
      settledBy: operation.settledBy,
      settledAt: operation.settledAt,
      reverts: operation.reverts,
      webhookWaits: this.webhooks.get(operation.id) !== undefined,
      deliveredAt: operation.deliveredAtMs === null ? null : timeStampOf(operation.deliveredAtMs),
      slow: operation.slow ?? null,
      acceptedBy: operation.acceptedBy ?? null,
      faults: this.faultsOf(operation, subscription),
    }));
  }

  /** The rules that were drawn for this operation once and for all: how it is hidden from its publisher, and what its webhook is like. */
  private faultsOf(operation: Operation, { id, offerId, planId, position }: Subscription) {
    const { action, requestSource: initiator } = operation;
    const hit = this.faults.thatHit({
      subscriptions: [{ subscriptionId: id, offerId, planId }],
      action,
      initiator,
      ...factsOf(operation, position),
    });
    return hit.map((rule) => ({ id: rule.id, name: rule.name, do: rule.do }));
  }
}
