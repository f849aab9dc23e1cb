import type { Action } from '../operation/operation';
import type { OperationBook } from '../operation/operation.book';
import type { Subscription } from '../subscription/subscription';
import type { SubscriptionBook } from '../subscription/subscription.book';
import type { Clock } from '../time/clock';
import { operationOf, type TimelineState } from './timeline.states';

/** Where the states of a timeline are written. */
export interface TimelineTarget {
  readonly subscriptions: SubscriptionBook;
  readonly operations: OperationBook;
  readonly clock: Clock;
}

/** Writes a life. Each state is put as of its own time, so that terms, deadlines and histories come from there; nothing is announced. */
export function writeStates(
  { subscriptions, operations, clock }: TimelineTarget,
  chapters: readonly TimelineState[],
  idOf: (action: Action) => string,
): Subscription {
  for (const chapter of chapters) {
    clock.at(chapter.atMs, () => subscriptions.put(chapter.subscription));
    const operation = operationOf(chapter, idOf);
    if (operation) operations.put(operation);
  }
  return (chapters.at(-1) as TimelineState).subscription;
}
