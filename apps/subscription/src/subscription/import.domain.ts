import { readSubscription, subscriptionPurchased, type Member, type ShownSnapshot, type SubscriptionRead } from '@landfall/contracts';
import { members } from './member';
import type { Source } from './read.domain';
import { apply, orderRead, unchanged, type SubscriptionChange } from './subscription';

/** So long after an answer that says too little the next one is asked for. */
const importReadMs = 1_000;

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
