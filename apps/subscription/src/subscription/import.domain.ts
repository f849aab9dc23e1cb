import {
  isPending,
  readSubscription,
  saysEnough,
  subscriptionPurchased,
  type Member,
  type ShownSnapshot,
  type Status,
  type SubscriptionRead,
} from '@landfall/contracts';
import { askedAgainMs, closeMember, setMember } from './change.domain';
import { members, stateOf } from './member';
import type { Source } from './read.domain';
import { apply, orderRead, unchanged, type SubscriptionChange } from './subscription';

const nobody = { tenantId: '', objectId: '' };
const emptyTerm = { termUnit: '', startDate: null, endDate: null, chargeDuration: null };
/** What is written of members that the first answer left out, until they are named. */
const unknown = {
  ...{ publisherId: '', offerId: '', isPreview: false, planId: '', quantity: null, privateOfferId: null, purchasedAt: null },
  ...{ autoRenew: true, isFreeTrial: false, allowedCustomerOperations: [], beneficiary: nobody, purchaser: nobody },
};

/**
 * Of which subscriptions Microsoft says a member (contract 3.2). `maybe`: may be absent for good, so it is read once more and nothing waits for it.
 * `unasked`: taken over when it is named. Status and plan are what an import itself needs.
 */
const saidOf: Readonly<Record<Member, 'all' | 'alive' | 'active' | 'maybe' | 'unasked'>> = {
  ...{ offer: 'all', beneficiary: 'all', purchaser: 'all' }, // without these nobody may see or use what was bought
  ...{ autoRenew: 'alive', allowedCustomerOperations: 'alive', term: 'active' },
  ...{ quantity: 'maybe', isFreeTrial: 'maybe' }, // a flat rate has no seats, and what is no free trial need not say so
  ...{ privateOfferId: 'unasked', purchasedAt: 'unasked', status: 'unasked', plan: 'unasked' },
};
const membersSaidOf = (...of: (typeof saidOf)[Member][]): readonly Member[] =>
  (Object.keys(saidOf) as Member[]).filter((member) => of.includes(saidOf[member]));

/** What changes in the life of a subscription. While it is pending nothing does, and nothing has to be shut. */
const isChanging: Readonly<Record<Member, boolean>> = {
  ...{ status: true, plan: true, quantity: true, term: true, autoRenew: true, isFreeTrial: true },
  ...{ allowedCustomerOperations: true, beneficiary: true, purchaser: true },
  ...{ offer: false, privateOfferId: false, purchasedAt: false },
};

/** What the first answer has to say; where it leaves one out, that is asked for (rule 1). */
function expectedOf(status: Status): readonly Member[] {
  if (status === 'Unsubscribed') return membersSaidOf('all');
  return isPending(status) ? membersSaidOf('all', 'alive') : membersSaidOf('all', 'alive', 'active');
}

/**
 * Takes over a subscription that is seen for the first time, as it is shown (rule 6). `imported`: no customer brought it.
 * @returns null where the answer does not say enough
 */
export function importSubscription(
  read: SubscriptionRead,
  { copyLagMs, imported, source }: { readonly copyLagMs: number; readonly imported: boolean; readonly source: Source },
): SubscriptionChange | null {
  if (!saysEnough(read.snapshot)) return null;
  const { subscriptionId, term, status = 'Unsubscribed', ...shown } = said(read.snapshot);
  const { readNo, date } = read;
  const created = unchanged(
    {
      ...unknown,
      ...shown,
      ...{ id: subscriptionId, status, term: term ? { ...emptyTerm, ...term } : null },
      ...{ stage: 'awaiting-customer', access: status === 'Unsubscribed' ? 'ended' : 'none', version: 0, sequence: 0, imported },
      ...{
        tenantReference: null,
        isActivated: false,
        failureReason: null,
        rejectionReason: null,
        cancellationRequestId: null,
        asOf: date,
        firstReadNo: readNo,
        firstReadDate: date,
        members: {},
        graceEndsAt: null,
        passedMilestones: [],
        orderedReads: 1,
      },
      lastSubscribedDate: status === 'Subscribed' ? date : null,
    },
    copyLagMs,
  );
  const purchased = apply(created, {}, subscriptionPurchased, {
    source,
    effectiveAt: created.subscription.purchasedAt,
    observedAt: date,
  });
  const isLeftOut = (member: Member): boolean => members[member].shownIn(read.snapshot, created.subscription) === undefined;
  const changeable = (Object.keys(isChanging) as Member[]).filter((member) => isChanging[member] && !isLeftOut(member));
  const taken = isPending(status) ? purchased : shutAll(purchased, changeable);
  const expected = expectedOf(status).filter(isLeftOut);
  const isAskedAgain = expected.length > 0 || membersSaidOf('maybe').some(isLeftOut);
  return isAskedAgain ? orderRead(taken, { afterMs: askedAgainMs, members: expected, closes: [] }) : taken;
}

/** The copy that answers next may be older than the first one: until the closing read it takes nothing back (rule 2). */
const shutAll = (change: SubscriptionChange, names: readonly Member[]): SubscriptionChange =>
  names.reduce((before, member) => {
    const state = stateOf(before.subscription, member);
    return closeMember(setMember(before, member, { ...state, openFrom: null }), member);
  }, change);

/** Unknown is imported before its operation is decided (rule 6). */
export const importedWith = (read: SubscriptionRead | null, copyLagMs: number): SubscriptionChange | null =>
  read && importSubscription(read, { source: 'observed', copyLagMs, imported: true });

/** Without members that are there and undefined. */
const said = (snapshot: ShownSnapshot): ShownSnapshot =>
  Object.fromEntries(Object.entries(snapshot).filter(([, value]) => value !== undefined)) as ShownSnapshot;

/** What is asked where an unknown subscription was not shown, or not enough of it: the read that imports it. */
export const orderImport = (subscriptionId: string) =>
  readSubscription({ subscriptionId, order: 1, afterMs: askedAgainMs, members: ['status', 'plan'], closes: [] });
