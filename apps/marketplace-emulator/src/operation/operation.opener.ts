import { randomUUID } from 'node:crypto';
import type { Marketplace } from '../marketplace';
import type { Subscription } from '../subscription/subscription';
import type { Action, Operation, RequestSource } from './operation';

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
  constructor(private readonly marketplace: Marketplace) {}

  /** An operation that is still to be carried out: it locks the subscription until it is settled (contract 9.2). */
  open(subscription: Subscription, opening: Opening): Operation {
    const operation = this.marketplace.operations.put({
      ...this.blank(subscription),
      ...opening,
      id: opening.id ?? randomUUID(),
      reverts: opening.reverts ?? null,
      planId: opening.planId ?? subscription.planId,
      quantity: opening.quantity ?? subscription.quantity,
    });
    const locked = this.marketplace.subscriptions.put({ ...subscription, pendingOperationId: operation.id });
    if (operation.status === 'InProgress') this.marketplace.webhooks.add(operation, locked);
    return operation;
  }

  /** A fact: the subscription has changed already, the operation is written as done and told (contract 4.2). */
  announce(subscription: Subscription, action: Action, requestSource: RequestSource): Operation {
    const operation = this.marketplace.operations.put({
      ...this.blank(subscription),
      id: randomUUID(),
      action,
      requestSource,
      status: 'Succeeded',
      settledBy: 'microsoft',
      settledAt: this.marketplace.clock.timeStamp(),
    });
    this.marketplace.webhooks.add(operation, subscription);
    return operation;
  }

  private blank(subscription: Subscription) {
    return {
      subscriptionId: subscription.id,
      planId: subscription.planId,
      quantity: subscription.quantity,
      timeStamp: this.marketplace.clock.timeStamp(),
      reverts: null,
      deliveredAtMs: null,
      settledBy: null,
      settledAt: null,
      errorStatusCode: '',
      errorMessage: '',
    };
  }
}
