import type { Catalog, DataOf, MessageOf, operationAnnounced, operationVerified } from '@landfall/contracts';
import { ignored, type Outcome } from '@landfall/messaging';
import { endByOperation, endUnseen, linkRequest } from '../request/ending.domain';
import { explainLater } from '../subscription/explanation.domain';
import { importedWith, orderImport } from '../subscription/import.domain';
import { applyRead } from '../subscription/read.domain';
import { findOperation, keepOperation, outcomeOf, type SubscriptionChange } from '../subscription/subscription';
import { isGivenUp, isOpen, newOperation, verdictOf, type Operation } from './operation';
import { endOperation } from './settlement.domain';
import { decideEnded, decideOpen, withVerdict } from './verdict.domain';

/**
 * A webhook, or Microsoft's answer to a request of ours, named an operation that is not shown. It changes nothing by itself; it explains and dates what a read
 * has shown or will show (rules 2 and 13).
 */
export function recordAnnouncement(
  current: SubscriptionChange | undefined,
  { data, time }: MessageOf<typeof operationAnnounced>,
): Outcome<SubscriptionChange> {
  if (!current) return ignored('a read imports the subscription first (rule 6)', orderImport(data.subscriptionId));
  const known = findOperation(current, data);
  const isDated = known !== undefined && known.timeStamp === null && data.timeStamp !== null;
  if (known && !data.requestId && !isDated) return ignored('this operation is known already (rule 4)');
  const operation = known
    ? { ...known, timeStamp: known.timeStamp ?? data.timeStamp }
    : newOperation(data, { status: 'Announced', seenOpenAt: null });
  const linked = linkRequest(known && !isDated ? current : keepOperation(current, operation), operation, data.requestId);
  const explained = known && !isDated ? linked : explainLater(linked, operation, time);
  return outcomeOf(known ? endByKnown(explained, operation, time) : explained);
}

/** Our own call was answered after its operation had ended. Of one that was given up a closing read decides, where it has not been made yet. */
function endByKnown(change: SubscriptionChange, known: Operation, endedAt: string): SubscriptionChange {
  if (isGivenUp(known) && known.closingOrder === null) return endUnseen(change, known, endedAt);
  return endByOperation(change, known, { failure: undefined, endedAt });
}

/**
 * Decides what an operation that Microsoft shows does to a subscription. While it is open nobody believes its target; the subscription as it was read
 * beside it counts as any read, and the verdict rests on what is known after that.
 */
export const decideOperation =
  (copyLagMs: number, catalog: () => Catalog) =>
  (current: SubscriptionChange | undefined, { data }: MessageOf<typeof operationVerified>): Outcome<SubscriptionChange> => {
    const known = current && findOperation(current, data);
    if (known && known.status !== 'Announced' && !isGivenUp(known)) return readOnce(current, known, data);
    const imported = current ?? importedWith(data.read, copyLagMs);
    if (!imported) return ignored('a read imports the subscription first (rule 6)', orderImport(data.subscriptionId));
    const { operationStatus: status, seenOpenAt, read } = data;
    const operation = newOperation(data, { status, seenOpenAt });
    const subscription = linkRequest(imported, operation);
    if (known?.verdict) return showAgain(subscription, { ...operation, ...verdictOf(known) }, known, data);
    if (!isOpen(operation)) {
      const decided = decideEnded(subscription, operation, catalog());
      return outcomeOf(endOperation(decided, findOperation(decided, data)!, data));
    }
    const kept = keepOperation(subscription, operation);
    return outcomeOf(decideOpen(read ? applyRead(kept, read, 'observed') : kept, operation, catalog()));
  };

/** It was shown before, and is decided once (rule 4). Where it is shown again it is with a read that counts as any other. */
function readOnce(
  change: SubscriptionChange,
  known: Operation,
  { registration, read }: DataOf<typeof operationVerified>,
): Outcome<SubscriptionChange> {
  const isElsewhere = known.registration !== registration;
  const kept = isElsewhere ? keepThrough(change, { ...known, registration }) : change;
  if (read) return outcomeOf(applyRead(kept, read, 'observed'));
  return isElsewhere ? outcomeOf(kept) : ignored('this operation was decided before (rule 4)');
}

/** It was decided about and then given up, and is shown again: the verdict stands, and was said. */
function showAgain(
  change: SubscriptionChange,
  operation: Operation,
  known: Operation,
  data: DataOf<typeof operationVerified>,
): Outcome<SubscriptionChange> {
  const kept = known.registration === operation.registration ? keepOperation(change, operation) : keepThrough(change, operation);
  if (!isOpen(operation)) return outcomeOf(endOperation(kept, operation, data));
  return outcomeOf(data.read ? applyRead(kept, data.read, 'observed') : kept);
}

/**
 * Its webhook had come to another registration first, and it was shown there before anybody knew whose the subscription is. What was said then answers nobody at the
 * right address: the verdict stands, and is said anew.
 */
function keepThrough(change: SubscriptionChange, operation: Operation): SubscriptionChange {
  const { verdict, reason, decidedBy } = operation;
  return verdict ? withVerdict(change, operation, { verdict, reason, decidedBy }) : keepOperation(change, operation);
}
