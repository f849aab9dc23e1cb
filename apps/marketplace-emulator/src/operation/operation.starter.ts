import type { Marketplace } from '../marketplace';
import type { Cancellations } from './cancellations';

/** Starts the publisher's operations that were accepted a moment ago and read NotStarted since. */
export class OperationStarter {
  constructor(
    private readonly marketplace: Marketplace,
    private readonly cancellations: Cancellations,
  ) {
    marketplace.scheduler.on('begin-operation', (operationId) => this.begin(operationId));
  }

  private begin(operationId: string): void {
    const { operations, subscriptions, webhooks } = this.marketplace;
    const operation = operations.get(operationId);
    if (operation?.status !== 'NotStarted') return;
    if (operation.action === 'Unsubscribe') return this.cancellations.carryOut(operation);
    const started = operations.put({ ...operation, status: 'InProgress' });
    const subscription = subscriptions.get(started.subscriptionId);
    if (subscription) webhooks.add(started, subscription);
  }
}
