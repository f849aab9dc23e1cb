import { limits } from '../limits';
import type { Billing } from '../operation/billing';
import { isOpen } from '../operation/operation';
import type { OperationRepository } from '../operation/operation.repository';
import type { SettingsRepository } from '../settings/settings.repository';
import type { Clock } from '../time/clock';
import type { Scheduler } from '../time/scheduler';
import type { WebhookQueue } from '../webhook/webhook.queue';
import { deadlineOf, Deadlines } from './deadlines';
import type { Subscription } from './subscription';
import type { SubscriptionRepository } from './subscription.repository';

/** What happens to subscriptions when a deadline passes, without a request of the customer or the publisher (contract 5.2, 5.3). */
export class LifeCycle {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly operations: OperationRepository,
    private readonly webhooks: Pick<WebhookQueue, 'isFull'>,
    private readonly settings: SettingsRepository,
    private readonly scheduler: Scheduler,
    private readonly clock: Clock,
    private readonly billing: Billing,
  ) {
    const deadlines = new Deadlines(scheduler, clock);
    subscriptions.watch((subscription) => deadlines.update(subscription));
    scheduler.on('meet-deadline', (subscriptionId) => this.onDeadline(subscriptionId));
  }

  private onDeadline(subscriptionId: string): void {
    const { subscriptions, webhooks, scheduler, clock } = this;
    const subscription = subscriptions.get(subscriptionId);
    const deadline = subscription && deadlineOf(subscription);
    if (!deadline || deadline.atMs > clock.now()) return;
    if (webhooks.isFull()) return scheduler.schedule('meet-deadline', subscriptionId, clock.now() + limits.fullQueueWaitMs);
    switch (deadline.what) {
      case 'activation':
        return this.endUnactivated(subscription);
      case 'end-of-suspension':
        return this.endUnpaid(subscription);
      case 'end-of-term':
        return this.endTerm(subscription);
    }
  }

  /** Thirty days after the purchase (contract 5.2, row 3). An Activate that was received in time is carried out. */
  private endUnactivated(subscription: Subscription): void {
    const { scheduler, settings } = this;
    if (scheduler.isScheduled('complete-activation', subscription.id)) return;
    if (settings.current.activationDeadlineWebhook === 'sent') this.billing.unsubscribe(subscription);
    else this.billing.end(subscription);
  }

  /**
   * Thirty days without payment (contract 5.2, row 8). An open Reinstate means that it came in: if that fails, the deadline is due again.
   */
  private endUnpaid(subscription: Subscription): void {
    const paid = this.operations.ofSubscription(subscription.id).some((operation) => operation.action === 'Reinstate' && isOpen(operation));
    if (paid) return;
    this.billing.unsubscribe(subscription);
  }

  /** The day after the last valid one (contract 5.3). A trial becomes paid by itself (contract 1.5). */
  private endTerm(subscription: Subscription): void {
    const { subscriptions, settings } = this;
    const paid = { ...subscription, isFreeTrial: false };
    if (!subscription.autoRenew) this.billing.unsubscribe(subscription);
    else if (subscription.nextPaymentFails) this.billing.suspend(subscriptions.put({ ...paid, nextPaymentFails: false }));
    else if (subscription.isFreeTrial && settings.current.renewAtTrialEnd === 'none') this.billing.beginNextTerm(subscription);
    else this.billing.renew(paid);
  }
}
