import {
  member,
  type Cause,
  type fulfillmentEvents,
  type Member,
  type MessageOf,
  type Status,
  type SubscriptionRead,
  type Term,
} from '@landfall/contracts';
import { isOpen, type Operation } from '../operation/operation';
import { echoMs, msBetween, putDetails, putMember, setMember, type NewValue } from './change.domain';
import { causeOf, explanationOf, isNewer, unexplained } from './explanation.domain';
import { isOpenTo, isRenewal, members, stateOf } from './member';
import { orderRead, set, statusChange, type SubscriptionChange } from './subscription';

/** An echo counts when so many reads in a row show it (rule 2). */
const agreeingReads = 3;
/** So long after one of them the next one is made. */
const agreeingReadsMs = 5_000;

/** Members that have no event of their own. */
const details: readonly Member[] = member.options.filter((name) => name !== 'status' && name !== 'plan' && name !== 'quantity');

/** What is told as the cause where no operation explains a difference. */
export type Source = Cause['source'];

/**
 * Applies what a read shows, member by member, whatever led to it (rule 2). A member that is shut is changed by no read, but by the end, a later
 * term, and a newer Suspend. All others take a single read at once.
 */
export function applyRead(current: SubscriptionChange, read: SubscriptionRead, source: Source): SubscriptionChange {
  const seen = withDate(current, read.date);
  const isEnd = read.snapshot.status === 'Unsubscribed';
  if (seen.subscription.status === 'Unsubscribed') return applyDetails(seen, ['plan', 'quantity', ...details], read, source); // rule 3
  if (statusChange[seen.subscription.status][read.snapshot.status ?? seen.subscription.status] === 'stale') return seen;
  const afterStatus = isEnd ? seen : applyStatus(seen, read, source);
  const afterPlan = applyOne(afterStatus, 'plan', read, source);
  const afterQuantity = applyOne(afterPlan, 'quantity', read, source);
  const afterDetails = applyDetails(afterQuantity, details, read, source);
  return isEnd ? applyOne(afterDetails, 'status', read, source) : afterDetails;
}

/** Applies one member of a read alone. */
export function applyOne(current: SubscriptionChange, member: Member, read: SubscriptionRead, source: Source): SubscriptionChange {
  const { change, taken } = look(current, member, read, source);
  return taken ? putMember(change, taken) : change;
}

/** The term begins with the activation: both are one event. */
function applyStatus(current: SubscriptionChange, read: SubscriptionRead, source: Source): SubscriptionChange {
  const { change, taken } = look(current, 'status', read, source);
  if (!taken) return change;
  const { subscription } = change;
  const begins = members.term.shownIn(read.snapshot, subscription) as Term | undefined;
  const isBeginning = statusChange[subscription.status][taken.value as Status] === 'subscribe';
  return putMember(change, isBeginning && begins && !members.term.isSame(begins, subscription.term) ? { ...taken, begins } : taken);
}

/** Those that differ are one event. */
function applyDetails(current: SubscriptionChange, names: readonly Member[], read: SubscriptionRead, source: Source): SubscriptionChange {
  const taken: NewValue[] = [];
  const looked = names.reduce((before, member) => {
    const { change, taken: value } = look(before, member, read, source);
    if (value) taken.push(value);
    return change;
  }, current);
  return putDetails(looked, taken);
}

/** What one read says about one member. */
interface Look {
  readonly change: SubscriptionChange;
  /** Set where the record takes it over. */
  readonly taken?: NewValue;
}

function look(current: SubscriptionChange, member: Member, { snapshot, readNo, date }: SubscriptionRead, source: Source): Look {
  const { subscription } = current;
  const value = members[member].shownIn(snapshot, subscription);
  if (value === undefined) return { change: current }; // rule 1
  const state = stateOf(subscription, member);
  const isCounted = isOpenTo(state, readNo);
  if (members[member].isSame(value, members[member].of(subscription)))
    return { change: isCounted ? confirmed(current, member, date) : current };
  const operation = explanationOf(current, member, value, date);
  if (!isCounted && !isExempt(current, member, value, operation)) return { change: current };
  const isExplained = operation !== null && hasHappened(operation) && isNewer(current, member, operation.timeStamp!);
  if (!isExplained && isEcho(current, member, value, date)) {
    const echoed = countEcho(current, member, value, readNo);
    if (stateOf(echoed.subscription, member).echo!.count < agreeingReads) return { change: echoed };
  }
  const cause = operation ? causeOf(operation, date) : unexplained(current, member, source, date);
  const change = member === 'status' && value === 'Subscribed' ? seenSubscribed(current, date) : current;
  return { change, taken: { member, value, cause, operation, date } };
}

/** A counted read shows what the record has. */
function confirmed(current: SubscriptionChange, member: Member, date: string): SubscriptionChange {
  const state = stateOf(current.subscription, member);
  const change = state.echo ? setMember(current, member, { ...state, echo: null }) : current;
  return member === 'status' && current.subscription.status === 'Subscribed' ? seenSubscribed(change, date) : change;
}

/** What changes a member that is shut: the end; a later term; and a Suspend that is newer than what the record stands on. All of them are facts. */
function isExempt(current: SubscriptionChange, member: Member, value: unknown, operation: Operation | null): boolean {
  if (value === 'Unsubscribed' && member === 'status') return true;
  if (member === 'term' && isRenewal(current.subscription.term, value as never)) return true;
  return operation?.action === 'Suspend' && isNewer(current, member, operation.timeStamp!);
}

/** An open operation has not been done yet: a value that was there before is an echo in spite of it. A suspension has happened when it is told of. */
const hasHappened = (operation: Operation): boolean => operation.action === 'Suspend' || !isOpen(operation);

/** A value that the member had within the last hour. */
const isEcho = (current: SubscriptionChange, member: Member, value: unknown, date: string): boolean =>
  value !== 'Unsubscribed' &&
  stateOf(current.subscription, member).earlier.some(
    (known) => members[member].isSame(known.value, value) && msBetween(known.until, date) < echoMs,
  );

/** One more read that agrees, and the order for the next one. */
function countEcho(current: SubscriptionChange, member: Member, value: unknown, readNo: number): SubscriptionChange {
  const state = stateOf(current.subscription, member);
  const { echo } = state;
  const isSame = echo !== null && members[member].isSame(echo.value, value);
  if (isSame && readNo <= echo.readNo) return current; // a read that was handled before
  const count = isSame ? echo.count + 1 : 1;
  const counted = setMember(current, member, { ...state, echo: { value, count, readNo } });
  return count < agreeingReads ? orderRead(counted, { afterMs: agreeingReadsMs, members: [member], closes: [] }) : counted;
}

const seenSubscribed = (change: SubscriptionChange, date: string): SubscriptionChange =>
  set(change, { lastSubscribedDate: newest(change.subscription.lastSubscribedDate, date) });

const withDate = (change: SubscriptionChange, date: string): SubscriptionChange =>
  set(change, { asOf: newest(change.subscription.asOf, date) });

const newest = (known: string | null, date: string): string => (known !== null && msBetween(known, date) <= 0 ? known : date);

/** Whether a message shows the end of its subscription. Dead letters that came before it do not block it: nothing changes after the end (rule 3). */
export const showsEnd = ({ data }: MessageOf<typeof fulfillmentEvents>): boolean =>
  'read' in data && data.read?.snapshot.status === 'Unsubscribed';
