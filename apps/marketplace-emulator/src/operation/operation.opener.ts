import { randomUUID } from 'node:crypto';
import { factsOf } from '../faults/fault.context';
import { drawnMs } from '../faults/rule/span';
import type { FaultRepository } from '../faults/rule/fault.repository';
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
    private readonly faults: Pick<FaultRepository, 'takeForOperation'>,
    private readonly clock: Clock,
  ) {}

  /** An operation that is still to be carried out: it locks the subscription until it is settled (contract 9.2). */
  open(subscription: Subscription, opening: Opening): Operation {
    const opened: Operation = {
      ...this.newOperation(subscription),
      ...opening,
      id: opening.id ?? randomUUID(),
      reverts: opening.reverts ?? null,
      planId: opening.planId ?? subscription.planId,
      quantity: opening.quantity ?? subscription.quantity,
    };
    const slow = this.slowed(opened, subscription);
    const operation = this.operations.put(slow ? { ...opened, slow } : opened);
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

  private slowed(operation: Operation, { position, offerId, planId }: Subscription): Operation['slow'] {
    const fault = this.faults.takeForOperation({
      subscriptions: [{ subscriptionId: operation.subscriptionId, offerId, planId }],
      action: operation.action,
      initiator: operation.requestSource,
      ...factsOf(operation, position),
    });
    const effect = fault?.effect('slowOperation');
    if (!fault || !effect) return undefined;
    const [startMs, endMs] = [effect.start, effect.end].map((span) =>
      span === undefined ? 0 : drawnMs(span, fault.random('slowOperation')),
    );
    return { startMs: startMs as number, endMs: endMs as number };
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
      number: (this.operations.ofSubscription(subscription.id).at(-1)?.number ?? 0) + 1,
    };
  }
}
