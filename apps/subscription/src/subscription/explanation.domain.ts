import { CLOCK_TOLERANCE_MS, subscriptionUpdated, type Member, type Term } from '@landfall/contracts';
import { memberOf, targetOf, type Operation } from '../operation/operation';
import { closeMember, graceEndOf, msBetween, setMember } from './change.domain';
import { isRenewal, members, stateOf } from './member';
import type { MemberState } from './member.state';
import { apply, set, type DatedCause, type SubscriptionChange } from './subscription';

/** Whether an operation leads to this value of the member: its target, or a later term for Renew. */
export function leadsTo(operation: Operation, member: Member, value: unknown, known: Term | null): boolean {
  if (memberOf(operation) !== member) return false;
  return member === 'term' ? isRenewal(known, value as Term | null) : targetOf(operation) === value;
}

/**
 * The newest operation that explains a value which a read of this `Date` shows: about that member with that target, newer than what the record stood
 * on, not after the read, and not one that had no effect or takes a refused change back. A Suspend that was over before the record was last seen
 * Subscribed explains nothing (rule 13).
 */
export function explanationOf(change: SubscriptionChange, member: Member, value: unknown, date: string): Operation | null {
  const { subscription, operations } = change;
  const state = stateOf(subscription, member);
  return operations.reduce<Operation | null>((newest, operation) => {
    const { timeStamp, isRevert, hadNoEffect } = operation;
    if (!timeStamp || isRevert || hadNoEffect || !leadsTo(operation, member, value, subscription.term)) return newest;
    if (msBetween(date, timeStamp) > CLOCK_TOLERANCE_MS) return newest;
    const age = state.timeStamp ? msBetween(state.timeStamp, timeStamp) : 1;
    if (age < 0 || (age === 0 && value !== 'Suspended')) return newest;
    if (value === 'Suspended' && isOver(change, timeStamp)) return newest;
    return newest && msBetween(newest.timeStamp!, timeStamp) <= 0 ? newest : operation;
  }, null);
}

/** A suspension that began before the subscription was last seen Subscribed, and longer ago than a copy can lag, is not the one of now. */
export const isOver = ({ subscription: { lastSubscribedDate }, copyLagMs }: SubscriptionChange, timeStamp: string): boolean =>
  lastSubscribedDate !== null && msBetween(timeStamp, lastSubscribedDate) >= copyLagMs;

/** Whether an operation is newer than what the member stands on: by Microsoft's clock, with its tolerance where that is a read. */
export function isNewer({ subscription }: SubscriptionChange, member: Member, timeStamp: string): boolean {
  const { setBy, timeStamp: standsOn, date } = stateOf(subscription, member);
  if (standsOn && msBetween(standsOn, timeStamp) <= 0) return false;
  return setBy !== null || msBetween(date, timeStamp) > CLOCK_TOLERANCE_MS;
}

/** Its own `timeStamp` is when it was true at Microsoft; for every other action it is only when somebody asked (rule 13). */
const isDated = ({ action, source }: Operation): boolean =>
  action === 'Suspend' || action === 'Renew' || (action === 'Unsubscribe' && source !== 'Partner');

/** What is told as the cause of a change that an operation explains. `date` is that of the answer which showed it. */
export function causeOf(operation: Operation, date: string): DatedCause {
  const { operationId, action, source, timeStamp } = operation;
  const effectiveAt = isDated(operation) ? timeStamp : null;
  return {
    ...{ source: source === 'Partner' ? ('request' as const) : ('webhook' as const), operationId, action, effectiveAt, observedAt: date },
    ...(effectiveAt === null && timeStamp && { effectiveBetween: interval(timeStamp, date) }),
  };
}

/** The same where nothing explains it: it became true after the record was last seen otherwise, and before the read. */
export function unexplained(change: SubscriptionChange, member: Member, source: DatedCause['source'], date: string): DatedCause {
  const { subscription, copyLagMs } = change;
  const { setBy, timeStamp, date: setAt } = stateOf(subscription, member);
  const stoodSince = setBy !== null && timeStamp ? timeStamp : earlier(setAt, copyLagMs);
  const seen = member === 'status' && subscription.status === 'Subscribed' ? subscription.lastSubscribedDate : null;
  const from = seen && msBetween(stoodSince, seen) > copyLagMs ? earlier(seen, copyLagMs) : stoodSince;
  return { source, effectiveAt: null, effectiveBetween: interval(from, date), observedAt: date };
}

const earlier = (instant: string, ms: number): string => new Date(Date.parse(instant) - ms).toISOString();

/** The clocks of Microsoft's machines may differ, and so may the ends. */
const interval = (from: string, to: string) => ({ from: msBetween(from, to) < 0 ? to : from, to });

/**
 * An operation that is learnt of later than its effect was read: an event tells what that adds. Changes nothing where the record stands on an operation
 * already, or this one does not explain it (rule 13).
 */
export function explainLater(change: SubscriptionChange, operation: Operation, date: string): SubscriptionChange {
  const member = memberOf(operation);
  const { timeStamp, isRevert, action } = operation;
  if (!member || !timeStamp || isRevert || !showsAlready(change, operation, member)) return change;
  const { setBy, timeStamp: stoodOn, date: setAt } = stateOf(change.subscription, member);
  if (setBy !== null || (stoodOn && msBetween(stoodOn, timeStamp) <= 0)) return change;
  const isLater = msBetween(setAt, timeStamp) > CLOCK_TOLERANCE_MS; // than the read that set it; a second suspension is a new episode all the same
  if (action === 'Suspend' ? isOver(change, timeStamp) : isLater) return change;
  return explain(change, operation, member, date);
}

/**
 * The member stands on this operation from now on. A newer Suspend on a suspended record is a new episode: its dates move. One that is newer than what
 * the member stood on made the value anew: a copy may show what was between, so that the member is shut as by a change (rule 2).
 */
export function explain(change: SubscriptionChange, operation: Operation, member: Member, date: string): SubscriptionChange {
  const { operationId, timeStamp } = operation;
  const state = stateOf(change.subscription, member);
  const standing = { ...state, setBy: operationId, timeStamp };
  const isAnew = timeStamp !== null && isNewer(change, member, timeStamp);
  const explained = isAnew ? shutAnew(change, member, { ...standing, date }) : setMember(change, member, standing);
  const cause = causeOf(operation, date);
  if (!cause.effectiveAt) return explained;
  const more = operation.action === 'Suspend' ? { graceEndsAt: graceEndOf(cause) } : {};
  return apply(set(explained, more), {}, subscriptionUpdated, cause, () => more);
}

const shutAnew = (change: SubscriptionChange, member: Member, state: MemberState): SubscriptionChange =>
  closeMember(setMember(change, member, { ...state, change: state.change + 1, openFrom: null, echo: null }), member);

/**
 * A renewal names no term: a later one that a read set after it, and that no other operation explains, is the one that it began. A term of which a read only
 * told more, or other dates, is still the one before.
 */
export function showsAlready({ subscription }: SubscriptionChange, operation: Operation, member: Member): boolean {
  if (member === 'term') {
    const { setBy, earlier } = stateOf(subscription, member);
    const isBegunAfter = ({ value, until }: MemberState['earlier'][number]) =>
      isRenewal(value as Term | null, subscription.term) && msBetween(operation.timeStamp!, until) >= -CLOCK_TOLERANCE_MS;
    return setBy === null && earlier.some(isBegunAfter);
  }
  return targetOf(operation) !== undefined && members[member].isSame(members[member].of(subscription), targetOf(operation));
}
