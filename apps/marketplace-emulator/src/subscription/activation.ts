import type { Refusal } from '../operation/operation';
import type { OperationOpener } from '../operation/operation.opener';
import type { Settlement } from '../operation/settlement';
import type { SettingsRepository } from '../settings/settings.repository';
import type { Atomically } from '../state/atomically';
import type { Clock } from '../time/clock';
import type { Scheduler } from '../time/scheduler';
import type { Subscription } from './subscription';
import type { SubscriptionRepository } from './subscription.repository';
import { beginTerm } from './term';

/** From the publisher's Activate to Subscribed: the answer comes at once, the state later (contract 3.4). */
export class Activation {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly settings: SettingsRepository,
    private readonly scheduler: Scheduler,
    private readonly clock: Clock,
    private readonly atomically: Atomically,
    private readonly opener: OperationOpener,
    private readonly settlement: Settlement,
  ) {
    scheduler.on('complete-activation', (subscriptionId) => this.complete(subscriptionId));
  }

  /** Takes the request, or returns why not: `gone` is answered by 404, `wrong-status` by 400. */
  request(subscription: Subscription): 'received' | 'gone' | Refusal {
    const { settings } = this;
    switch (subscription.status) {
      case 'Unsubscribed':
        return 'gone';
      case 'NotStarted':
        return { refused: 'wrong-status', message: 'The subscription is not started.' };
      case 'Suspended':
        return { refused: 'wrong-status', message: 'The subscription is suspended.' };
      case 'Subscribed':
        if (settings.current.activateWhenSubscribed === 400)
          return { refused: 'wrong-status', message: 'The subscription is already subscribed.' };
        this.count(subscription);
        return 'received';
      case 'PendingFulfillmentStart':
        this.atomically(() => this.begin(subscription));
        return 'received';
    }
  }

  private begin(subscription: Subscription): void {
    const { scheduler, clock, settings } = this;
    this.count(subscription);
    if (scheduler.isScheduled('complete-activation', subscription.id)) return;
    scheduler.schedule('complete-activation', subscription.id, clock.now() + settings.current.activationDelayMs);
  }

  private count(subscription: Subscription): void {
    this.subscriptions.put({ ...subscription, activateCalls: subscription.activateCalls + 1 });
  }

  private complete(subscriptionId: string): void {
    const { subscriptions, clock, settings } = this;
    const subscription = subscriptions.get(subscriptionId);
    if (subscription?.status !== 'PendingFulfillmentStart') return; // cancelled in the meantime
    const lastModified = clock.timeStamp();
    if (settings.current.activationOutcome === 'fails') {
      const unlocked = this.settlement.supersede(subscription, 'Unsubscribe'); // a DELETE that waits would end it once more
      const ended = subscriptions.put({ ...unlocked, status: 'Unsubscribed', lastModified });
      this.opener.announce(ended, 'Unsubscribe', 'Azure');
      return;
    }
    subscriptions.put({ ...subscription, status: 'Subscribed', ...beginTerm(clock.now(), subscription), lastModified });
  }
}
