import type { SettingsRepository } from '../settings/settings.repository';
import type { Atomically } from '../state/atomically';
import type { Subscription, SubscriptionStatus } from '../subscription/subscription';
import type { SubscriptionRepository } from '../subscription/subscription.repository';
import { termAfter } from '../subscription/term';
import type { Clock } from '../time/clock';
import type { WebhookQueue } from '../webhook/webhook.queue';
import { isChange, isOpen, type Operation, type Refusal } from './operation';
import type { OperationOpener } from './operation.opener';
import type { OperationRepository } from './operation.repository';
import type { Settlement } from './settlement';

/** What Microsoft does by itself, or because the customer asked for it, without asking the publisher (contract 5.2). */
export class Billing {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly operations: OperationRepository,
    private readonly webhooks: Pick<WebhookQueue, 'isFull'>,
    private readonly settings: SettingsRepository,
    private readonly clock: Clock,
    private readonly atomically: Atomically,
    private readonly opener: OperationOpener,
    private readonly settlement: Settlement,
  ) {}

  /** The payment is overdue. Whether an open change ends with it is a setting. */
  suspend(subscription: Subscription): Operation | Refusal {
    const refusal = this.refuseUnless(subscription, ['Subscribed'], 'suspended');
    if (refusal) return refusal;
    return this.atomically(() => {
      const suspendedAt = this.clock.timeStamp();
      const ended =
        this.settings.current.openChangeAtSuspend === 'ends' ? this.settlement.supersede(subscription, 'Suspend') : subscription;
      const suspended = this.change(ended, { status: 'Suspended', suspendedAt });
      return this.opener.announce(suspended, 'Suspend', 'Azure');
    });
  }

  /** The payment came in. The subscription stays Suspended until the operation has ended (contract 4.2). */
  reinstate(subscription: Subscription): Operation | Refusal {
    const refusal = this.refuseUnless(subscription, ['Suspended'], 'reinstated');
    if (refusal) return refusal;
    if (this.isLocked(subscription)) return { refused: 'locked', message: 'The subscription is locked by a pending operation.' };
    return this.atomically(() => this.opener.open(subscription, { action: 'Reinstate', requestSource: 'Azure', status: 'InProgress' }));
  }

  /** The next term begins; an open change stays open (contract 5.3). */
  renew(subscription: Subscription): Operation | Refusal {
    const refusal = this.refuseUnless(subscription, ['Subscribed'], 'renewed');
    if (refusal) return refusal;
    if (subscription.isFreeTrial) {
      const message = `The subscription is in its free trial, which becomes paid by itself after ${subscription.term?.endDate} and not before.`;
      return { refused: 'wrong-status', message };
    }
    return this.atomically(() => this.opener.announce(this.beginNextTerm(subscription), 'Renew', 'Azure'));
  }

  /** Begins the next term, a paid one, without a webhook. */
  beginNextTerm(subscription: Subscription): Subscription {
    const term = subscription.term && termAfter(subscription.term, subscription);
    return this.change(subscription, { term, isFreeTrial: false, renewedAt: this.clock.timeStamp() });
  }

  /** The customer has cancelled, or the grace period is over. An open change ends with it. */
  unsubscribe(subscription: Subscription): Operation | Refusal {
    const refusal = this.refuseUnless(subscription, ['NotStarted', 'PendingFulfillmentStart', 'Subscribed', 'Suspended'], 'cancelled');
    if (refusal) return refusal;
    return this.atomically(() => this.opener.announce(this.end(subscription), 'Unsubscribe', 'Azure'));
  }

  /** Ends the subscription without a webhook. */
  end(subscription: Subscription): Subscription {
    return this.change(this.settlement.supersede(subscription, 'Unsubscribe'), { status: 'Unsubscribed' });
  }

  /** By a Reinstate or a DELETE: a change that stayed open when the subscription was suspended keeps no payment from coming in. */
  private isLocked({ id }: Subscription): boolean {
    return this.operations.ofSubscription(id).some((operation) => isOpen(operation) && !isChange(operation));
  }

  private change(subscription: Subscription, change: Partial<Subscription>): Subscription {
    return this.subscriptions.put({ ...subscription, ...change, lastModified: this.clock.timeStamp() });
  }

  private refuseUnless(subscription: Subscription, from: SubscriptionStatus[], what: string): Refusal | undefined {
    if (!from.includes(subscription.status)) {
      return {
        refused: 'wrong-status',
        message: `The subscription is ${subscription.status}; it can be ${what} only when it is ${from.join(' or ')}.`,
      };
    }
    if (this.webhooks.isFull()) return { refused: 'busy', message: 'Too many webhooks wait for their delivery.' };
    return undefined;
  }
}
