import type { Action } from '../operation/operation';
import type { OperationRepository } from '../operation/operation.repository';
import type { Subscription } from '../subscription/subscription';
import type { SubscriptionRepository } from '../subscription/subscription.repository';
import type { Clock } from '../time/clock';
import { operationOf, type TimelineState } from './timeline.states';

/** Where the states of a timeline are written. */
export interface TimelineTarget {
  readonly subscriptions: Pick<SubscriptionRepository, 'put'>;
  readonly operations: Pick<OperationRepository, 'put'>;
  readonly clock: Pick<Clock, 'at'>;
}

/**
 * Writes the states of a timeline. Each state is put as of its own time, so that terms, deadlines and histories come from there; nothing is
 * announced.
 */
export function writeStates(
  { subscriptions, operations, clock }: TimelineTarget,
  states: readonly TimelineState[],
  idOf: (action: Action) => string,
): Subscription {
  for (const state of states) {
    clock.at(state.atMs, () => subscriptions.put(state.subscription));
    const operation = operationOf(state, idOf);
    if (operation) operations.put(operation);
  }
  return (states.at(-1) as TimelineState).subscription;
}
