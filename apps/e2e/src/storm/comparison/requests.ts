import type { AnnouncedEvent, Difference, MadeRequest, MicrosoftSide } from './sides';

const ends: ReadonlySet<string> = new Set(['change-failed', 'cancellation-failed']);

/** Each request ends, truly, and products are told of it: once that it was made, and once where it has failed (rule 10). */
export function requestsOf(
  { operations, members }: Pick<MicrosoftSide, 'operations' | 'members'>,
  events: readonly AnnouncedEvent[],
  requests: readonly MadeRequest[],
): Difference[] {
  return requests.flatMap(({ requestId, action, state, operationId }) => {
    const name = `${action} by request ${requestId}`;
    const differs = (kind: Difference['kind'], detail: string): Difference => ({ kind, detail: `${name} ${detail}` });
    if (state === 'pending') return [differs('request without an end', 'is still pending')];
    const status = operations.find(({ id }) => id === operationId)?.status ?? null;
    const isDone = action === 'Unsubscribe' ? members['status'] === 'Unsubscribed' : status === 'Succeeded' || status === null;
    const about = events.filter((event) => event.requestId === requestId);
    const made = about.filter(({ kind }) => kind === 'change-requested' || kind === 'cancellation-requested').length;
    const failed = about.filter(({ kind }) => ends.has(kind)).length;
    return [
      ...(state === 'succeeded' && !isDone ? [differs('untrue end of a request', `succeeded, and its operation is ${status}`)] : []),
      ...(state === 'failed' && status === 'Succeeded'
        ? [differs('untrue end of a request', 'failed, and its operation has succeeded')]
        : []),
      ...(made === 1 ? [] : [differs('untrue end of a request', `is told ${made} times`)]),
      ...(failed === (state === 'succeeded' ? 0 : 1)
        ? []
        : [differs('untrue end of a request', `is ${state}, and ${failed} failures are told`)]),
    ];
  });
}
