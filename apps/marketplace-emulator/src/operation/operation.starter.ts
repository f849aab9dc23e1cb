import type { SettingsRepository } from '../settings/settings.repository';
import type { SubscriptionRepository } from '../subscription/subscription.repository';
import type { Scheduler } from '../time/scheduler';
import type { WebhookQueue } from '../webhook/webhook.queue';
import type { Cancellations } from './cancellations';
import type { Operation } from './operation';
import type { OperationRepository } from './operation.repository';
import type { Settlement } from './settlement';

/** Starts the publisher's operations that were accepted a moment ago and read NotStarted since. */
export class OperationStarter {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly operations: OperationRepository,
    private readonly webhooks: Pick<WebhookQueue, 'add'>,
    private readonly settings: SettingsRepository,
    scheduler: Scheduler,
    private readonly cancellations: Cancellations,
    private readonly settlement: Settlement,
  ) {
    scheduler.on('begin-operation', (operationId) => this.begin(operationId));
  }

  private begin(operationId: string): void {
    const { operations, subscriptions, webhooks, settings } = this;
    const operation = operations.get(operationId);
    if (operation?.status !== 'NotStarted') return;
    if (operation.action === 'Unsubscribe') return this.cancellations.carryOut(operation);
    if (settings.current.operationOutcome !== 'succeeds') return this.end(operation, settings.current.operationOutcome);
    const started = operations.put({ ...operation, status: 'InProgress' });
    const subscription = subscriptions.get(started.subscriptionId);
    if (subscription) webhooks.add(started, subscription);
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
