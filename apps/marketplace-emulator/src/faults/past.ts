import type { Operation } from '../operation/operation';
import type { OperationRepository } from '../operation/operation.repository';
import type { Subscription } from '../subscription/subscription';
import type { SubscriptionRepository } from '../subscription/subscription.repository';
import type { Clock } from '../time/clock';
import { earlier } from './rule/fault.instant';

/** What the reading calls of the API need of the marketplace. */
export interface ReadView {
  subscriptions: Pick<SubscriptionRepository, 'get' | 'page'>;
  operations: Pick<OperationRepository, 'get' | 'ofSubscription'>;
}

/** What there is now, with its earlier versions. */
interface Present {
  readonly subscriptions: Pick<SubscriptionRepository, 'get' | 'page' | 'versions'>;
  readonly operations: Pick<OperationRepository, 'get' | 'ofSubscription' | 'versions'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** The marketplace as it was: what a read sees that a service answers from a copy which lags behind. */
export class Past {
  constructor(private readonly marketplace: Present) {}

  /** @param age how long ago on the business clock, as an ISO 8601 duration */
  before(age: string): ReadView {
    const { subscriptions, operations, clock } = this.marketplace;
    const atMs = earlier(clock.now(), age);
    const [otherSubscriptions, otherOperations] = [subscriptions.versions.differentAt(atMs), operations.versions.differentAt(atMs)];
    const subscriptionThen = (now: Subscription) => ifBorn(otherSubscriptions.get(now.id) ?? now, now.created, atMs);
    const operationThen = (now: Operation) => ifBorn(otherOperations.get(now.id) ?? now, now.timeStamp, atMs);
    return {
      subscriptions: {
        get: (id) => then(subscriptions.get(id), subscriptionThen),
        page: (from, count, fits) => {
          const page = subscriptions.page(from, count, fits);
          return { ...page, subscriptions: page.subscriptions.map(subscriptionThen).filter((subscription) => subscription !== undefined) };
        },
      },
      operations: {
        get: (id) => then(operations.get(id), operationThen),
        ofSubscription: (id) =>
          operations
            .ofSubscription(id)
            .map(operationThen)
            .filter((operation) => operation !== undefined),
      },
    };
  }
}

function then<T>(now: T | undefined, asItWas: (now: T) => T | undefined): T | undefined {
  return now && asItWas(now);
}

function ifBorn<T>(version: T, born: string, atMs: number): T | undefined {
  return Date.parse(born) <= atMs ? version : undefined;
}
