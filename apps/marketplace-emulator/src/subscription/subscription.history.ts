import { limits } from '../limits';
import type { Collection, Document } from '../state/document.store';
import type { Clock } from '../time/clock';
import type { Subscription } from './subscription';
import type { SubscriptionRepository } from './subscription.repository';

/** A time in which nothing changed that usage or an invoice depends on. It lasts until the next one begins. */
export interface Stretch extends Pick<Subscription, 'status' | 'planId' | 'quantity' | 'termUnit' | 'term' | 'isFreeTrial'> {
  fromMs: number;
}

export interface StoredHistory extends Document {
  /** Oldest first. */
  stretches: Stretch[];
  /** Older ones have fallen off. */
  isCut: boolean;
}

/**
 * What a subscription was at any time since it became active: usage counts under the plan that was held when it was incurred, and an
 * invoice shares a fee among the plans and seats of its term (contract 4.5, 6.2). Nothing is kept of the time before, when nothing can be
 * billed.
 */
export class SubscriptionHistory {
  constructor(
    private readonly histories: Collection<StoredHistory>,
    private readonly clock: Clock,
    subscriptions: SubscriptionRepository,
  ) {
    subscriptions.onPut((subscription) => this.record(subscription));
  }

  /**
   * Oldest first; none for a subscription that was never active. One that is active since before there were histories has had no change
   * that is known.
   */
  of(subscription: Subscription): readonly Stretch[] {
    const history = this.histories.get(subscription.id);
    if (history) return history.stretches;
    return isActive(subscription) ? [stretchOf(subscription, Date.parse(subscription.created))] : [];
  }

  isCut(subscription: Subscription): boolean {
    return this.histories.get(subscription.id)?.isCut ?? false;
  }

  private record(subscription: Subscription): void {
    const history = this.histories.get(subscription.id);
    const last = history?.stretches.at(-1);
    if (last ? isSame(last, subscription) : !isActive(subscription)) return;
    const fromMs = Math.max(this.clock.now(), last?.fromMs ?? 0); // a timer that is late fires as of its own instant
    const stretches = [...(history?.stretches ?? []), stretchOf(subscription, fromMs)];
    const kept = stretches.slice(-limits.keptStretchesPerSubscription);
    this.histories.put({ id: subscription.id, stretches: kept, isCut: history?.isCut || kept.length < stretches.length });
  }
}

/** The stretch that an instant lies in. What was before the first counts to the first: the plan was bought already. */
export function stretchAt(stretches: readonly Stretch[], atMs: number): Stretch | undefined {
  return stretches.findLast(({ fromMs }) => fromMs <= atMs) ?? stretches[0];
}

function stretchOf({ status, planId, quantity, termUnit, term, isFreeTrial }: Subscription, fromMs: number): Stretch {
  return { fromMs, status, planId, quantity, termUnit, term, isFreeTrial };
}

function isActive({ status }: Subscription): boolean {
  return status === 'Subscribed' || status === 'Suspended';
}

function isSame(one: Stretch, other: Omit<Stretch, 'fromMs'>): boolean {
  const hasSameTerm = one.term?.startDate === other.term?.startDate && one.term?.endDate === other.term?.endDate;
  return (
    hasSameTerm &&
    one.termUnit === other.termUnit &&
    one.status === other.status &&
    one.planId === other.planId &&
    one.quantity === other.quantity &&
    one.isFreeTrial === other.isFreeTrial
  );
}
