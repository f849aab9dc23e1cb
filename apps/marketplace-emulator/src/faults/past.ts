import { isOpen, type Operation } from '../operation/operation';
import type { OperationRepository } from '../operation/operation.repository';
import type { Subscription } from '../subscription/subscription';
import type { SubscriptionRepository } from '../subscription/subscription.repository';
import type { Clock } from '../time/clock';
import { keyOf } from './fault.context';
import type { CallFault } from './fault';
import { ReadCopies } from './read.copies';
import { earlier } from './rule/fault.instant';
import { drawnMs } from './rule/span';

/** What the reading calls of the API need of the marketplace. */
export interface ReadView {
  subscriptions: Pick<SubscriptionRepository, 'get' | 'page'>;
  operations: Pick<OperationRepository, 'get' | 'ofSubscription'>;
  /** As of when it shows the marketplace; missing: as it is. */
  asOfMs?: number;
}

/** What there is now, with its earlier versions. */
interface Present {
  readonly subscriptions: Pick<SubscriptionRepository, 'get' | 'page' | 'versions'>;
  readonly operations: Pick<OperationRepository, 'get' | 'ofSubscription' | 'versions'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** The marketplace as a read is to see it: what a service shows that answers from a copy which lags behind, and what it hides. */
export class Past {
  constructor(private readonly marketplace: Present) {}

  /** What a call sees with its fault; undefined: what there is. */
  viewWith(fault: CallFault): ReadView | undefined {
    const then = this.instantOf(fault);
    const view: ReadView = then === undefined ? this.marketplace : this.at(then);
    if (fault.effect('forgetOperation') || fault.effect('endlessOperation'))
      return withOperations(view, (operation) => this.shown(operation, fault));
    return then === undefined ? undefined : view;
  }

  /** An operation as the call is to see it; undefined: it is not there. */
  private shown(operation: Operation, fault: CallFault): Operation | undefined {
    const { subscriptions, clock } = this.marketplace;
    const key = keyOf(operation, subscriptions.get(operation.subscriptionId)?.position);
    if (fault.on('forgetOperation', key).some(({ after }) => isForgotten(operation, after, clock.now()))) return undefined;
    return fault.on('endlessOperation', key).length === 0 ? operation : inProgress(operation);
  }

  /** @param atMs on the business clock */
  at(atMs: number): ReadView {
    const { subscriptions, operations } = this.marketplace;
    const [otherSubscriptions, otherOperations] = [subscriptions.versions.differentAt(atMs), operations.versions.differentAt(atMs)];
    const subscriptionThen = (now: Subscription) => ifBorn(otherSubscriptions.get(now.id) ?? now, now.created, atMs);
    const operationThen = (now: Operation) => ifBorn(otherOperations.get(now.id) ?? now, now.timeStamp, atMs);
    const then: ReadView = {
      asOfMs: atMs,
      operations,
      subscriptions: {
        get: (id) => {
          const now = subscriptions.get(id);
          return now && subscriptionThen(now);
        },
        page: (from, count, fits) => {
          const page = subscriptions.page(from, count, fits);
          return { ...page, subscriptions: page.subscriptions.map(subscriptionThen).filter((subscription) => subscription !== undefined) };
        },
      },
    };
    return withOperations(then, operationThen);
  }

  private instantOf(fault: CallFault): number | undefined {
    const nowMs = this.marketplace.clock.now();
    const [stale, lagging] = [fault.effect('staleRead'), fault.effect('laggingCopies')];
    if (stale) return earlier(nowMs, stale.age);
    if (!lagging) return undefined;
    const copies = new ReadCopies(fault.seedOf('laggingCopies'), lagging.copies, Math.max(drawnMs(lagging.lag, 0), 1));
    return copies.asOf(nowMs, fault.random('laggingCopies'));
  }
}

/** The same with other operations in the place of its own, or without some. */
function withOperations(view: ReadView, shown: (operation: Operation) => Operation | undefined): ReadView {
  return {
    ...view,
    operations: {
      get: (id) => {
        const operation = view.operations.get(id);
        return operation && shown(operation);
      },
      ofSubscription: (id) =>
        view.operations
          .ofSubscription(id)
          .map(shown)
          .filter((operation) => operation !== undefined),
    },
  };
}

function isForgotten({ timeStamp }: Operation, after: string, nowMs: number): boolean {
  return earlier(nowMs, after) >= Date.parse(timeStamp);
}

/** It is shown as open. One that is open anyway is shown as it is: `NotStarted` stays that. */
function inProgress(operation: Operation): Operation {
  return isOpen(operation) ? operation : { ...operation, status: 'InProgress', errorStatusCode: '', errorMessage: '' };
}

function ifBorn<T>(version: T, born: string, atMs: number): T | undefined {
  return Date.parse(born) <= atMs ? version : undefined;
}
