import { addDays } from '../time/calendar';
import type { Clock } from '../time/clock';
import type { Scheduler } from '../time/scheduler';
import type { Subscription } from './subscription';
import { endOf } from './term';

/** How long a purchase waits for its activation, and how long a suspension waits for the payment (contract 0.2, 5.2). */
const activationDays = 30;
const suspensionDays = 30;

/** What happens to a subscription if nothing else happens before, and when. */
export interface Deadline {
  what: 'activation' | 'end-of-suspension' | 'end-of-term';
  atMs: number;
}

/**
 * The one deadline of a subscription. It is computed from the subscription, so that every change of that moves it. A term that ends during
 * a suspension neither renews nor ends the subscription: contract 5.2 has only payment, cancellation and the thirty days from there.
 */
export function deadlineOf(subscription: Subscription): Deadline | undefined {
  switch (subscription.status) {
    case 'NotStarted':
    case 'PendingFulfillmentStart':
      return { what: 'activation', atMs: addDays(Date.parse(subscription.created), activationDays) };
    case 'Suspended':
      return {
        what: 'end-of-suspension',
        atMs: addDays(Date.parse(subscription.suspendedAt ?? subscription.lastModified), suspensionDays),
      };
    case 'Subscribed':
      return subscription.term ? { what: 'end-of-term', atMs: endOf(subscription.term) } : undefined;
    case 'Unsubscribed':
      return undefined;
  }
}

/** Keeps one timer per subscription at its deadline. */
export class Deadlines {
  constructor(
    private readonly scheduler: Scheduler,
    private readonly clock: Clock,
  ) {}

  /** To be called in the transaction that changes a subscription. A deadline that was passed while it did not apply is due now. */
  update(subscription: Subscription): void {
    const deadline = deadlineOf(subscription);
    if (!deadline) return this.scheduler.cancel('meet-deadline', subscription.id);
    if (this.scheduler.dueAtMs('meet-deadline', subscription.id) === deadline.atMs) return;
    this.scheduler.schedule('meet-deadline', subscription.id, Math.max(deadline.atMs, this.clock.now()));
  }
}
