import type { Order } from '../load/load.protocol';
import { after, plans, sold, type Held } from '../microsoft/purchased';

const seats = { first: 10, last: 250 };

/** What every subscription has, as it follows from what was sent. Orders go round all subscriptions, so that two of one never run at the same time. */
export class Orders {
  private readonly held: Held[];
  private next = 0;

  constructor(readonly subscriptions: number) {
    this.held = Array.from({ length: subscriptions }, () => sold);
  }

  /** Changes of plan and of seats in turn. @throws Error where there are more than subscriptions */
  changes(count: number): Order[] {
    return this.each(count, (before, place) =>
      place % 2 === 0
        ? { kind: 'ChangePlan', target: (before.plan + 1) % plans.length }
        : { kind: 'ChangeQuantity', target: before.quantity >= seats.last ? seats.first : before.quantity + 1 },
    );
  }

  /** Facts: who is subscribed is suspended, and the other way round. */
  facts(count: number): Order[] {
    return this.each(count, ({ status }) => ({ kind: status === 'Subscribed' ? 'Suspend' : 'Reinstate', target: 0 }));
  }

  private each(count: number, choose: (before: Held, place: number) => Pick<Order, 'kind' | 'target'>): Order[] {
    if (count > this.subscriptions)
      throw new Error(`A round of ${count} webhooks needs as many subscriptions: there are ${this.subscriptions}.`);
    return Array.from({ length: count }, (_, place) => {
      const subscription = this.next;
      this.next = (this.next + 1) % this.subscriptions;
      const before = this.held[subscription]!;
      const order = { ...choose(before, place), subscription, before };
      this.held[subscription] = after(before, order);
      return order;
    });
  }
}
