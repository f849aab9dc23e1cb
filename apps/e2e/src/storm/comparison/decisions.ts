import type { AnnouncedEvent, Difference, MicrosoftSide } from './sides';

/** `change-refused` is told of what Microsoft shows as failed, once, and `overruled` of what it did (rule 8). What it shows as failed because of us is told, unless the subscription has ended. */
export function refusalsOf({ operations, members }: MicrosoftSide, events: readonly AnnouncedEvent[]): Difference[] {
  const untrue = events.flatMap(({ kind, sequence, overruled, operationId }, index) => {
    if (kind !== 'change-refused' && !overruled) return [];
    const status = operations.find(({ id }) => id === operationId)?.status ?? 'unknown';
    const isRepeated = events.slice(0, index).some((earlier) => earlier.kind === kind && earlier.operationId === operationId);
    if (status === (overruled ? 'Succeeded' : 'Failed') && !isRepeated) return [];
    return [differs('untrue refusal', `${kind} #${sequence} names an operation that is ${status}${isRepeated ? ', again' : ''}`)];
  });
  const told = new Set(events.filter(({ kind }) => kind === 'change-refused').map(({ operationId }) => operationId));
  const untold = operations.filter(({ id, isRefusedByUs, isHidden }) => isRefusedByUs && !isHidden && !told.has(id));
  if (members['status'] === 'Unsubscribed') return untrue; // it absorbs (rule 3)
  return [...untrue, ...untold.map(({ id, action }) => differs('untold refusal', `the ${action} ${id} that we refused has failed`))];
}

/** A purchase that waits for an operator is activated after the approval alone, and cancelled after the rejection. */
export function decisionOf(
  { isReviewed, decision, activateCalls, members }: MicrosoftSide,
  events: readonly AnnouncedEvent[],
): Difference[] {
  const { status = null } = members;
  if (decision === 'approval' && status === 'PendingFulfillmentStart')
    return [differs('untrue decision', 'it was approved, and Microsoft shows it as pending')];
  if (decision === 'rejection' && status !== 'Unsubscribed')
    return [differs('untrue decision', `it was rejected, and Microsoft shows it as ${status}`)];
  if (!isReviewed || decision === 'approval') return [];
  const done = events.filter(({ kind }) => kind === 'provisioned' || kind === 'activated').map(({ kind }) => kind);
  if (activateCalls > 0) done.push('activate');
  return done.length === 0 ? [] : [differs('untrue decision', `nobody has approved it, and there is ${done.join(', ')}`)];
}

const toldOnce: ReadonlySet<string> = new Set([
  'purchased',
  'confirmed',
  'provisioned',
  'activated',
  'cancellation-requested',
  'unsubscribed',
]);

/** What happens once in the life of a subscription is told once. */
export function repeatedOf(events: readonly AnnouncedEvent[]): Difference[] {
  return events
    .filter(({ kind }, index) => toldOnce.has(kind) && events.findIndex((one) => one.kind === kind) < index)
    .map(({ kind, sequence }) => differs('told twice', `${kind} again as #${sequence}`));
}

const differs = (kind: Difference['kind'], detail: string): Difference => ({ kind, detail });
