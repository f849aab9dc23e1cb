import type { Marketplace } from '../marketplace';
import type { Subscription, SubscriptionStatus } from '../subscription/subscription';
import { termAfter } from '../subscription/term';
import type { Operation, Refusal } from './operation';
import type { OperationOpener } from './operation.opener';
import type { Settlement } from './settlement';

/** What Microsoft does by itself, or because the customer asked for it: nobody asks the publisher (contract 5.2). */
export class Billing {
  constructor(
    private readonly marketplace: Marketplace,
    private readonly opener: OperationOpener,
    private readonly settlement: Settlement,
  ) {}

  /** The payment is overdue. An open change ends with it. */
  suspend(subscription: Subscription): Operation | Refusal {
    const refusal = this.refuseUnless(subscription, ['Subscribed'], 'suspended');
    if (refusal) return refusal;
    return this.marketplace.atomically(() => {
      const suspended = this.change(this.settlement.supersede(subscription, 'Suspend'), { status: 'Suspended' });
      return this.opener.announce(suspended, 'Suspend', 'Azure');
    });
  }

  /** The payment came in. The subscription stays Suspended until the operation has ended (contract 4.2). */
  reinstate(subscription: Subscription): Operation | Refusal {
    const refusal = this.refuseUnless(subscription, ['Suspended'], 'reinstated');
    if (refusal) return refusal;
    if (subscription.pendingOperationId) return { refused: 'locked', message: 'The subscription is locked by a pending operation.' };
    return this.marketplace.atomically(() =>
      this.opener.open(subscription, { action: 'Reinstate', requestSource: 'Azure', status: 'InProgress' }),
    );
  }

  /** The next term begins; an open change stays open (contract 5.3). */
  renew(subscription: Subscription): Operation | Refusal {
    const refusal = this.refuseUnless(subscription, ['Subscribed'], 'renewed');
    if (refusal) return refusal;
    return this.marketplace.atomically(() => {
      const term = subscription.term && termAfter(subscription.term, subscription.termUnit);
      return this.opener.announce(this.change(subscription, { term }), 'Renew', 'Azure');
    });
  }

  /** The customer has cancelled, or the grace period is over. An open change ends with it. */
  unsubscribe(subscription: Subscription): Operation | Refusal {
    const refusal = this.refuseUnless(subscription, ['NotStarted', 'PendingFulfillmentStart', 'Subscribed', 'Suspended'], 'cancelled');
    if (refusal) return refusal;
    return this.marketplace.atomically(() => {
      const ended = this.change(this.settlement.supersede(subscription, 'Unsubscribe'), { status: 'Unsubscribed' });
      return this.opener.announce(ended, 'Unsubscribe', 'Azure');
    });
  }

  private change(subscription: Subscription, change: Partial<Subscription>): Subscription {
    return this.marketplace.subscriptions.put({ ...subscription, ...change, lastModified: this.marketplace.clock.timeStamp() });
  }

  private refuseUnless(subscription: Subscription, from: SubscriptionStatus[], what: string): Refusal | undefined {
    if (!from.includes(subscription.status)) {
      return {
        refused: 'wrong-status',
        message: `The subscription is ${subscription.status}; it can be ${what} only when it is ${from.join(' or ')}.`,
      };
    }
    if (this.marketplace.webhooks.isFull()) return { refused: 'busy', message: 'Too many webhooks wait for their delivery.' };
    return undefined;
  }
}
