import type { SettingsRepository } from '../settings/settings.repository';
import type { SubscriptionRepository } from '../subscription/subscription.repository';
import type { Clock } from '../time/clock';
import type { Scheduler } from '../time/scheduler';
import type { WebhookQueue } from '../webhook/webhook.queue';
import type { Cancellations } from './cancellations';
import { isOpen, type Operation } from './operation';
import type { OperationRepository } from './operation.repository';
import type { Settlement } from './settlement';

/** Starts the publisher's operations that were accepted a moment ago and read NotStarted since. */
export class OperationStarter {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly operations: OperationRepository,
    private readonly webhooks: Pick<WebhookQueue, 'add'>,
    private readonly settings: SettingsRepository,
    private readonly scheduler: Scheduler,
    private readonly clock: Clock,
    private readonly cancellations: Cancellations,
    private readonly settlement: Settlement,
  ) {
    scheduler.on('begin-operation', (operationId) => this.begin(operationId));
  }

  private begin(operationId: string): void {
    const { operations, subscriptions, webhooks, settings } = this;
    const operation = operations.get(operationId);
    if (operation?.action === 'Unsubscribe' && isOpen(operation)) return this.cancel(operation);
    if (operation?.status !== 'NotStarted') return;
    if (settings.current.operationOutcome !== 'succeeds') return this.end(operation, settings.current.operationOutcome);
    const started = operations.put({ ...operation, status: 'InProgress' });
    const subscription = subscriptions.get(started.subscriptionId);
    if (subscription) webhooks.add(started, subscription);
  }

  /** A slow one reads InProgress for a while before it is carried out. */
  private cancel(operation: Operation): void {
    const { operations, scheduler, clock } = this;
    const waitMs = operation.status === 'NotStarted' ? (operation.slow?.endMs ?? 0) : 0;
    if (waitMs === 0) return this.cancellations.carryOut(operation);
    operations.put({ ...operation, status: 'InProgress' });
    scheduler.schedule('begin-operation', operation.id, clock.now() + waitMs);
  }

  /** Microsoft rejects the change before it sends a webhook. */
  private end(operation: Operation, outcome: 'fails' | 'conflict'): void {
    if (outcome === 'conflict')
      this.settlement.settle(operation, 'Conflict', 'microsoft', {
        errorStatusCode: '409',
        errorMessage: 'The new value equals the existing one.',
      });
    else this.settlement.settle(operation, 'Failed', 'microsoft', { errorStatusCode: '400', errorMessage: 'The change is not possible.' });
  }
}
