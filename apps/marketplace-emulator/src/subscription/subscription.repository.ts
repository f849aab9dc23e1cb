import type { Collection } from '../state/document.store';
import { VersionHistory } from '../state/version.history';
import type { Clock } from '../time/clock';
import type { Subscription } from './subscription';

/**
 * All subscriptions, in the order of their purchase. None ever leaves, except by a reset: Unsubscribed ones stay in Microsoft's list
 * (contract 3.5).
 */
export class SubscriptionRepository {
  /** Ids by position. */
  private order: string[] = [];
  private readonly listeners: ((after: Subscription) => void)[] = [];

  /** What they were before. */
  readonly versions: VersionHistory<Subscription>;

  constructor(
    private readonly subscriptions: Collection<Subscription>,
    clock: Clock,
  ) {
    this.versions = new VersionHistory(clock);
    subscriptions.whenLoaded(() => {
      this.versions.clear();
      this.order = [];
      for (const subscription of subscriptions.values()) this.order[subscription.position] = subscription.id;
    });
  }

  get size(): number {
    return this.subscriptions.size;
  }

  get nextPosition(): number {
    return this.order.length;
  }

  get(id: string): Subscription | undefined {
    return this.subscriptions.get(id.toLowerCase());
  }

  put(subscription: Subscription): Subscription {
    this.order[subscription.position] = subscription.id;
    this.versions.record(this.subscriptions.get(subscription.id));
    this.subscriptions.put(subscription);
    for (const listener of this.listeners) listener(subscription);
    return subscription;
  }

  /** Calls back for every purchase and every change, inside the transaction that makes it. */
  onPut(listener: (after: Subscription) => void): void {
    this.listeners.push(listener);
  }

  /** Like `onPut`, and for every subscription that is there: now, and after a snapshot has put others in their place. */
  watch(listener: (subscription: Subscription) => void): void {
    this.subscriptions.whenLoaded(() => {
      for (const subscription of this.subscriptions.values()) listener(subscription);
    });
    this.onPut(listener);
  }

  /** Up to `count` fitting subscriptions from a position on, and the position of the next one; `next` is null when there are no more. */
  page(
    from: number,
    count: number,
    fits: (subscription: Subscription) => boolean = () => true,
  ): { subscriptions: Subscription[]; next: number | null } {
    const subscriptions: Subscription[] = [];
    for (let position = from; position < this.order.length; position++) {
      const subscription = this.subscriptions.get(this.order[position] as string);
      if (!subscription || !fits(subscription)) continue;
      if (subscriptions.length === count) return { subscriptions, next: position };
      subscriptions.push(subscription);
    }
    return { subscriptions, next: null };
  }

  /** Whether one fits; looks at all of them in turn. */
  some(fits: (subscription: Subscription) => boolean): boolean {
    for (const subscription of this.subscriptions.values()) if (fits(subscription)) return true;
    return false;
  }

  newest(count: number): Subscription[] {
    return this.known(this.order.slice(-count)).reverse();
  }

  private known(ids: string[]): Subscription[] {
    return ids.map((id) => this.subscriptions.get(id)).filter((subscription) => subscription !== undefined);
  }
}
