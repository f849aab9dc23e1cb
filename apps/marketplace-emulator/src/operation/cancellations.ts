import type { SettingsRepository } from '../settings/settings.repository';
import type { Atomically } from '../state/atomically';
import type { Subscription } from '../subscription/subscription';
import { allowedCustomerOperations } from '../subscription/subscription.dto';
import type { SubscriptionRepository } from '../subscription/subscription.repository';
import type { Clock } from '../time/clock';
import type { Scheduler } from '../time/scheduler';
import type { WebhookQueue } from '../webhook/webhook.queue';
import { isOpen, type Operation, type Refusal } from './operation';
import type { OperationOpener } from './operation.opener';
import type { OperationRepository } from './operation.repository';
import type { Settlement } from './settlement';

export const refundWindowMs = 72 * 3_600_000;

/** The publisher's DELETE: accepted at once, carried out a moment later, and 202 does not mean that it will be (contract 3.9). */
export class Cancellations {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly operations: OperationRepository,
    private readonly webhooks: Pick<WebhookQueue, 'add' | 'isFull'>,
    private readonly settings: SettingsRepository,
    private readonly scheduler: Scheduler,
    private readonly clock: Clock,
    private readonly atomically: Atomically,
    private readonly opener: OperationOpener,
    private readonly settlement: Settlement,
  ) {}

  request(subscription: Subscription, operationId?: string): Operation | Refusal {
    const open = this.operations.ofSubscription(subscription.id).filter(isOpen);
    const refusal = this.refuse(subscription, open);
    if (refusal) return refusal;
    const { scheduler, clock, settings } = this;
    return this.atomically(() => {
      const unlocked = this.settlement.supersede(subscription, 'Unsubscribe');
      const operation = this.opener.open(unlocked, {
        id: operationId,
        action: 'Unsubscribe',
        requestSource: 'Partner',
        status: 'NotStarted',
      });
      scheduler.schedule(
        'begin-operation',
        operation.id,
        clock.now() + settings.current.operationStartDelayMs + (operation.slow?.startMs ?? 0),
      );
      return operation;
    });
  }

  /** Carries out the request: the state first, then the webhook (contract 4.2). */
  carryOut(operation: Operation): void {
    const { subscriptions, webhooks } = this;
    const subscription = subscriptions.get(operation.subscriptionId);
    if (!subscription) return;
    if (this.isTooLate(subscription, operation)) {
      this.settlement.settle(operation, 'Failed', 'microsoft', {
        errorStatusCode: '400',
        errorMessage: 'Cancellation is not possible in this term.',
      });
      return;
    }
    const settled = this.settlement.settle(operation, 'Succeeded', 'microsoft');
    const ended = subscriptions.get(operation.subscriptionId);
    if (ended) webhooks.add(settled, ended);
  }

  private refuse(subscription: Subscription, open: Operation[]): Refusal | undefined {
    if (subscription.status === 'Unsubscribed') return { refused: 'wrong-status', message: 'The subscription is Unsubscribed already.' };
    if (!allowedCustomerOperations(subscription).includes('Delete')) {
      return { refused: 'not-allowed', message: 'Delete is not among the allowed customer operations of the subscription.' };
    }
    // A cancellation is the only way to refuse a Reinstate (contract 4.2), so that one does not lock it out.
    if (open.some((operation) => operation.action !== 'Reinstate'))
      return { refused: 'locked', message: 'The subscription is locked by a pending operation.' };
    if (this.webhooks.isFull()) return { refused: 'busy', message: 'Too many webhooks wait for their delivery.' };
    return undefined;
  }

  /**
   * Whether a term of a year or more was bought or renewed longer ago than money is given back (contract 3.9, 5.4). A trial can be
   * cancelled at any time.
   */
  private isTooLate({ termUnit, term, isFreeTrial, renewedAt, created }: Subscription, operation: Operation): boolean {
    if (this.settings.current.annualCancellation === 'succeeds' || termUnit === 'P1M' || !term || isFreeTrial) return false;
    return Date.parse(operation.timeStamp) - Date.parse(renewedAt ?? created) > refundWindowMs;
  }
}
