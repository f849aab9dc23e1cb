import {
  readSubscription,
  subscriptionPurchased,
  type Cause,
  type fulfillmentEvents,
  type Member,
  type MessageOf,
  type ShownSnapshot,
  type Status,
  type SubscriptionRead,
} from '@landfall/contracts';
import { isAnnounced, type Operation } from '../operation/operation';
import { echoMs, msBetween, putDetails, putMember, setMember, type NewValue } from './change.domain';
import { causeOf, explanationOf, isNewer, unexplained } from './explanation.domain';
import { isOpenTo, isRenewal, members, stateOf } from './member';
import { apply, orderRead, set, statusChange, unchanged, type SubscriptionChange } from './subscription';

/** An echo counts when so many reads in a row show it (rule 2). */
const agreeingReads = 3;
/** So long after one of them the next one is made. */
const agreeingReadsMs = 5_000;

/** So long after an answer that says too little the next one is asked for. */
const importReadMs = 1_000;

/** Members that have no event of their own. */
const details: readonly Member[] = [
  'term',
  'autoRenew',
  'isFreeTrial',
  'allowedCustomerOperations',
  'beneficiary',
  'purchaser',
  'offer',
  'privateOfferId',
  'purchasedAt',
];

/** What is told as the cause where no operation explains a difference. */
type Source = Cause['source'];

/**
 * Applies what a read shows, member by member, whatever led to it (rule 2). A member that is shut is changed by no read, but by the end, a later
 * term, and what an operation announced that Microsoft does not show. All others take a single read at once.
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
  const term = members.term.shownIn(read.snapshot, subscription);
  const begins = term !== undefined && statusChange[subscription.status][taken.value as Status] === 'subscribe';
  return putMember(begins ? set(change, members.term.patch(term)) : change, taken);
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
  if (!isCounted && !isExempt(current, member, value, date, operation)) return { change: current };
  const isExplained = operation !== null && isNewer(current, member, operation.timeStamp!);
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

/** What changes a member that is shut: the end; a later term; and what an operation announced that Microsoft does not show, or a Suspend. */
function isExempt(current: SubscriptionChange, member: Member, value: unknown, date: string, operation: Operation | null): boolean {
  if (value === 'Unsubscribed' && member === 'status') return true;
  if (member === 'term' && isRenewal(current.subscription.term, value as never)) return true;
  if (!operation || !isNewer(current, member, operation.timeStamp!)) return false;
  if (operation.action === 'Suspend') return true;
  return isAnnounced(operation) && !wasSetWithin(current, member, value, date, current.copyLagMs);
}

/** A value that the member had within the last hour. */
const isEcho = (current: SubscriptionChange, member: Member, value: unknown, date: string): boolean =>
  value !== 'Unsubscribed' && wasSetWithin(current, member, value, date, echoMs);

const wasSetWithin = ({ subscription }: SubscriptionChange, member: Member, value: unknown, date: string, ms: number): boolean =>
  stateOf(subscription, member).earlier.some((known) => members[member].isSame(known.value, value) && msBetween(known.until, date) < ms);

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

const nobody = { tenantId: '', objectId: '' };
const emptyTerm = { termUnit: '', startDate: null, endDate: null, chargeDuration: null };
/** What is written of members that the first answer left out, until they are named. */
const unknown = {
  ...{ publisherId: '', offerId: '', isPreview: false, planId: '', quantity: null, privateOfferId: null, purchasedAt: null },
  ...{ autoRenew: true, isFreeTrial: false, allowedCustomerOperations: [], beneficiary: nobody, purchaser: nobody },
};

/** Without these nobody may see or use what was bought: where the first answer leaves one out, it is asked for (rule 1). */
const named: readonly Member[] = ['offer', 'beneficiary', 'purchaser'];

/** Whether an answer says enough of a subscription that we don't know. */
const isEnough = ({ snapshot: { status, planId } }: SubscriptionRead): boolean =>
  status !== undefined && (!!planId || status === 'Unsubscribed');

/**
 * Takes over a subscription that is seen for the first time, as it is shown (rule 6). `imported`: no customer brought it.
 * @returns null where the answer does not say enough
 */
export function importSubscription(
  read: SubscriptionRead,
  { copyLagMs, imported, source }: { readonly copyLagMs: number; readonly imported: boolean; readonly source: Source },
): SubscriptionChange | null {
  if (!isEnough(read)) return null;
  const { subscriptionId, term, status = 'Unsubscribed', ...shown } = said(read.snapshot);
  const { readNo, date } = read;
  const created = unchanged(
    {
      ...unknown,
      ...shown,
      ...{ id: subscriptionId, status, term: term ? { ...emptyTerm, ...term } : null },
      ...{ stage: 'awaiting-customer', access: status === 'Unsubscribed' ? 'ended' : 'none', version: 0, sequence: 0, imported },
      ...{ tenantReference: null, failureReason: null, asOf: date, firstReadNo: readNo, firstReadDate: date, members: {}, orderedReads: 1 },
      lastSubscribedDate: status === 'Subscribed' ? date : null,
    },
    copyLagMs,
  );
  const purchased = apply(created, {}, subscriptionPurchased, {
    source,
    effectiveAt: created.subscription.purchasedAt,
    observedAt: date,
  });
  const unnamed = named.filter((member) => members[member].shownIn(read.snapshot, created.subscription) === undefined);
  return unnamed.length > 0 ? orderRead(purchased, { afterMs: importReadMs, members: unnamed, closes: [] }) : purchased;
}

/** Unknown is imported before its operation is decided (rule 6). */
export const importedWith = (read: SubscriptionRead | null, copyLagMs: number): SubscriptionChange | null =>
  read && importSubscription(read, { source: 'observed', copyLagMs, imported: true });

/** Without members that are there and undefined. */
const said = (snapshot: ShownSnapshot): ShownSnapshot =>
  Object.fromEntries(Object.entries(snapshot).filter(([, value]) => value !== undefined)) as ShownSnapshot;

/** What is asked where an unknown subscription was not shown, or not enough of it: the read that imports it. */
export const orderImport = (subscriptionId: string) =>
  readSubscription({ subscriptionId, order: 1, afterMs: importReadMs, members: ['status', 'plan'], closes: [] });

/** Whether a message shows the end of its subscription. Dead letters that came before it do not block it: nothing changes after the end (rule 3). */
export const showsEnd = ({ data }: MessageOf<typeof fulfillmentEvents>): boolean =>
  'read' in data && data.read?.snapshot.status === 'Unsubscribed';
