import { type DataOf, type Member, type MessageOf, type operationSettled, type Status, type SubscriptionRead } from '@landfall/contracts';
import { ignored, type Outcome } from '@landfall/messaging';
import { endByOperation, endUnseen, linkRequest } from '../request/ending.domain';
import { closeMember, msBetween, putMember } from '../subscription/change.domain';
import { causeOf, explain, explainLater, isNewer, isOver, showsAlready } from '../subscription/explanation.domain';
import { stateOf } from '../subscription/member';
import { importedWith, orderImport } from '../subscription/import.domain';
import { applyOne, applyRead } from '../subscription/read.domain';
import { findOperation, keepOperation, orderRead, outcomeOf, statusChange, type SubscriptionChange } from '../subscription/subscription';
import { isChange, isGivenUp, isOpen, isUndecided, memberOf, newOperation, targetOf, verdictOf, type Operation } from './operation';
import { decideUnasked, noteOverruled, publishRefusal } from './verdict.domain';

/** After a Renew, which names no term, the subscription is read so often, in milliseconds, and once more when no copy can lag (rule 4). */
const renewalReadsMs = [1_000, 5_000, 15_000, 60_000];

/** How Microsoft ended an operation, once for each. */
export const decideSettlement =
  (copyLagMs: number) =>
  (current: SubscriptionChange | undefined, { data }: MessageOf<typeof operationSettled>): Outcome<SubscriptionChange> => {
    const known = current && findOperation(current, data);
    if (known && known.status !== 'Announced' && !isOpen(known) && !isGivenUp(known))
      return ignored('this operation was settled before (rule 4)');
    const subscription = current ?? importedWith(data.read, copyLagMs);
    if (!subscription) return ignored('a read imports the subscription first (rule 6)', orderImport(data.subscriptionId));
    const { settled: status, seenOpenAt } = data;
    const fresh = newOperation(data, { status, seenOpenAt: seenOpenAt ?? known?.seenOpenAt ?? null });
    const operation = known ? { ...fresh, ...verdictOf(known) } : fresh;
    const linked = linkRequest(subscription, operation);
    const kept = known && isUndecided(known) ? decideUnasked(linked, operation) : keepOperation(linked, operation);
    return outcomeOf(endOperation(kept, findOperation(kept, data)!, data));
  };

type End = Pick<DataOf<typeof operationSettled>, 'operationDate' | 'read' | 'failure'>;

/** An operation has ended: what it did counts, and with it the request of ours that it belongs to has ended (rule 10). */
export function endOperation(before: SubscriptionChange, operation: Operation, end: End): SubscriptionChange {
  const endedAt = end.operationDate ?? before.subscription.asOf;
  return endByOperation(effectOfEnd(before, operation, end), operation, { failure: end.failure, endedAt });
}

/** It is kept with its end: that is what a refusal was worth (rule 8). */
function effectOfEnd(before: SubscriptionChange, operation: Operation, { operationDate, read }: End): SubscriptionChange {
  const change = operation.status === 'Succeeded' ? noteOverruled(before, operation) : before;
  switch (operation.status) {
    case 'Succeeded': {
      if (!read) return succeed(change, operation, operationDate);
      if (read.snapshot.status === 'Unsubscribed') return succeed(applyRead(change, read, 'observed'), operation, operationDate);
      return applyRead(succeed(applyStatus(change, read), operation, operationDate), read, 'observed');
    }
    case 'Failed':
    case 'Conflict': {
      const failed = keepOperation(change, { ...operation, hadNoEffect: true });
      const date = operationDate ?? operation.seenOpenAt ?? change.subscription.asOf;
      const told = operation.status === 'Failed' ? publishRefusal(failed, operation, date) : failed;
      return read ? applyRead(told, read, 'observed') : told;
    }
    default: // Vanished, Stuck, Invisible: a closing read decides (rule 5)
      return awaitClosingRead(change, operation, read);
  }
}

/** Suspend may have overtaken a change that Microsoft calls Succeeded: the status in the same answer is taken first (rule 4). */
function applyStatus(change: SubscriptionChange, read: SubscriptionRead): SubscriptionChange {
  const { status } = change.subscription;
  const { status: shown = status } = read.snapshot;
  const isTaken = statusChange[status][shown] !== 'stale' && statusChange[status][shown] !== 'absorbed';
  return isTaken ? applyOne(change, 'status', read, 'observed') : change;
}

/** Succeeded has happened, in the order of `timeStamp`: the target counts at once, whatever a copy shows (rule 4). */
function succeed(change: SubscriptionChange, operation: Operation, operationDate: string | null): SubscriptionChange {
  const { action, timeStamp, seenOpenAt, isRevert } = operation;
  const { subscription, copyLagMs } = change;
  const member = memberOf(operation);
  const date = operationDate ?? seenOpenAt ?? timeStamp;
  if (!member || !date) return change;
  if (action === 'Renew') return awaitRenewal(change, operation, date);
  const value = targetOf(operation);
  if (value === undefined || isFlatRate(change, member)) return change;
  if (subscription.status === 'Unsubscribed') return explainLater(change, operation, date); // rule 3
  if (value === 'Unsubscribed') return put(change, operation, date);
  // one that takes a refused change back makes nothing, and explains nothing (rule 13)
  if (!timeStamp || isRevert) return showsAlready(change, operation, member) ? change : closeMember(change, member);
  const { setBy, timeStamp: stoodOn } = stateOf(subscription, member);
  if (stoodOn && msBetween(stoodOn, timeStamp) <= 0) return change; // older than what counts: history only
  const isFresh = seenOpenAt !== null || msBetween(timeStamp, date) <= copyLagMs;
  if (showsAlready(change, operation, member)) {
    if (setBy === null && !isNewer(change, member, timeStamp)) return explainLater(change, operation, date);
    // a second suspension dates the present one however late it is learnt of (rule 13)
    const dates = action === 'Suspend' ? !isOver(change, timeStamp) : isFresh;
    return dates ? explain(change, operation, member, date) : change;
  }
  if (isFresh && !isOvertaken(change, operation) && isEvident(change, operation, member)) return put(change, operation, date);
  // nothing is said before a closing read has decided: one of its own, since a copy may not show it yet when the one that is ordered already is made
  return closeMember(change, member);
}

const put = (change: SubscriptionChange, operation: Operation, date: string): SubscriptionChange =>
  putMember(change, { member: memberOf(operation)!, value: targetOf(operation), cause: causeOf(operation, date), operation, date });

/** A flat-rate subscription has no seats, whatever an operation says (rule 1). */
const isFlatRate = ({ subscription }: SubscriptionChange, member: Member): boolean =>
  member === 'quantity' && subscription.quantity === null;

/** Newer than what the member stands on; or every copy has had the time to show that; or it was seen open at or after the read that set it. */
function isEvident(change: SubscriptionChange, operation: Operation, member: Member): boolean {
  const { setBy, openFrom, date } = stateOf(change.subscription, member);
  if (setBy !== null || openFrom !== null || isNewer(change, member, operation.timeStamp!)) return true;
  return operation.seenOpenAt !== null && msBetween(date, operation.seenOpenAt) >= 0;
}

/** A change that was open when the subscription was suspended or ended can't take effect any more (contract 5.2). */
function isOvertaken({ subscription, operations }: SubscriptionChange, operation: Operation): boolean {
  if (!isChange(operation)) return false;
  const isLater = ({ action, timeStamp, hadNoEffect }: Operation) =>
    (action === 'Suspend' || action === 'Unsubscribe') &&
    !hadNoEffect &&
    timeStamp !== null &&
    msBetween(operation.timeStamp!, timeStamp) > 0;
  if (operations.some(isLater)) return true;
  const { timeStamp } = stateOf(subscription, 'status');
  return subscription.status !== ('Subscribed' satisfies Status) && (!timeStamp || msBetween(timeStamp, operation.timeStamp!) >= 0);
}

/** A renewal names no term: reads show it. */
function awaitRenewal(change: SubscriptionChange, operation: Operation, date: string): SubscriptionChange {
  const { setBy } = stateOf(change.subscription, 'term');
  if (setBy === operation.operationId) return change;
  const explained = explainLater(change, operation, date);
  if (stateOf(explained.subscription, 'term').setBy === operation.operationId) return explained;
  const reads = [...renewalReadsMs, change.copyLagMs];
  return reads.reduce((ordered, afterMs) => orderRead(ordered, { afterMs, members: ['term'], closes: [] }), change);
}

/** The looks at an operation that was never shown lasted for as long as a copy can lag; after the others a closing read must wait for that. */
function awaitClosingRead(change: SubscriptionChange, operation: Operation, read: SubscriptionRead | null): SubscriptionChange {
  const shown = read ? applyRead(change, read, 'observed') : change;
  const member = memberOf(operation);
  if (!member) return shown;
  const afterMs = operation.status === 'Invisible' ? 0 : change.copyLagMs;
  const explained = operation.timeStamp ? explainLater(shown, operation, read?.date ?? operation.timeStamp) : shown;
  const ordered = closeMember(explained, member, afterMs);
  const { order } = ordered.reads.find((known) => known.afterMs === afterMs)!;
  return keepOperation(ordered, { ...operation, closingOrder: order });
}

/** The closing read that was ordered for it shows whether an operation had an effect (rule 5). */
export function endAwaited(change: SubscriptionChange, order: number, date: string): SubscriptionChange {
  return change.operations
    .filter(({ closingOrder }) => closingOrder === order)
    .reduce((before, operation) => {
      const member = memberOf(operation)!;
      const { timeStamp, action } = operation;
      const isShown = showsAlready(before, operation, member);
      const ended = keepOperation(before, { ...operation, closingOrder: null, hadNoEffect: isChange(operation) && !isShown });
      const isNewEpisode = action === 'Suspend' && isShown && timeStamp !== null && isNewer(ended, member, timeStamp);
      return endUnseen(isNewEpisode ? explain(ended, operation, member, date) : ended, operation, date);
    }, change);
}
