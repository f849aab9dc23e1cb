import type { Marketplace } from '../marketplace';
import type { Action } from '../operation/operation';
import type { Subscription } from '../subscription/subscription';
import { operationOf, type TimelineState } from './timeline.states';

/** Writes a life. Each state is put as of its own time, so that terms, deadlines and histories come from there; nothing is announced. */
export function writeStates(
  { subscriptions, operations, clock }: Marketplace,
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
