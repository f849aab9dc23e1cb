import { randomUUID } from 'node:crypto';
import type { Subscription } from '../subscription/subscription';
import type { SubscriptionRepository } from '../subscription/subscription.repository';
import type { Clock } from '../time/clock';
import type { WebhookQueue } from '../webhook/webhook.queue';
import type { Action, Operation, RequestSource } from './operation';
import type { OperationRepository } from './operation.repository';

interface Opening {
  id?: string;
  action: Action;
  requestSource: RequestSource;
  status: 'NotStarted' | 'InProgress';
  planId?: string;
  quantity?: number;
  reverts?: string;
}

/** Writes new operations, and hands their webhooks to the queue. */
export class OperationOpener {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly operations: OperationRepository,
    private readonly webhooks: Pick<WebhookQueue, 'add'>,
    private readonly clock: Clock,
  ) {}

  /** An operation that is still to be carried out: it locks the subscription until it is settled (contract 9.2). */
  open(subscription: Subscription, opening: Opening): Operation {
    const operation = this.operations.put({
      ...this.newOperation(subscription),
      ...opening,
      id: opening.id ?? randomUUID(),
      reverts: opening.reverts ?? null,
      planId: opening.planId ?? subscription.planId,
      quantity: opening.quantity ?? subscription.quantity,
    });
    const locked = this.subscriptions.put({ ...subscription, pendingOperationId: operation.id });
    if (operation.status === 'InProgress') this.webhooks.add(operation, locked);
    return operation;
  }

  /** A fact: the subscription has changed already, the operation is written as succeeded and its webhook is queued (contract 4.2). */
  announce(subscription: Subscription, action: Action, requestSource: RequestSource): Operation {
    const operation = this.operations.put({
      ...this.newOperation(subscription),
      id: randomUUID(),
      action,
      requestSource,
      status: 'Succeeded',
      settledBy: 'microsoft',
      settledAt: this.clock.timeStamp(),
    });
    this.webhooks.add(operation, subscription);
    return operation;
  }

  private newOperation(subscription: Subscription) {
    return {
      subscriptionId: subscription.id,
      planId: subscription.planId,
      quantity: subscription.quantity,
      timeStamp: this.clock.timeStamp(),
      reverts: null,
      deliveredAtMs: null,
      settledBy: null,
      settledAt: null,
      errorStatusCode: '',
      errorMessage: '',
    };
  }
}
