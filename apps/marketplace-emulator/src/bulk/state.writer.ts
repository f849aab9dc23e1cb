import type { Action } from '../operation/operation';
import type { OperationRepository } from '../operation/operation.repository';
import type { Subscription } from '../subscription/subscription';
import type { SubscriptionRepository } from '../subscription/subscription.repository';
import type { Clock } from '../time/clock';
import { operationOf, type TimelineState } from './timeline.states';

/** Where the states of a timeline are written. */
export interface TimelineTarget {
  readonly subscriptions: SubscriptionRepository;
  readonly operations: OperationRepository;
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
