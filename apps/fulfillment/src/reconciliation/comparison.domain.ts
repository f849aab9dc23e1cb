import { isPending, type DataOf, type Member, type ShownSnapshot, type subscriptionSnapshot, type Term } from '@landfall/contracts';
import { changed, ignored, type Outcome } from '@landfall/messaging';
import type { Observation, Recorded } from './reconciliation';

type Snapshot = DataOf<typeof subscriptionSnapshot>;

/** Keeps what the record says now. A late copy does not win. */
export function keepRecorded(known: Observation | undefined, { data }: { readonly data: Snapshot }): Outcome<Observation> {
  if (known && known.version >= data.version) return ignored('a newer state of the record is known');
  return changed({ subscriptionId: data.subscriptionId, version: data.version, record: recordedOf(data) });
}

const recordedOf = (data: Snapshot): Recorded => {
  const { status, planId, quantity, term, autoRenew, isFreeTrial, allowedCustomerOperations, publisherId, offerId, isPreview } = data;
  return { status, planId, quantity, term, autoRenew, isFreeTrial, allowedCustomerOperations, publisherId, offerId, isPreview };
};

/** Whether an answer says the same as the record. What it leaves out is not said, and differs from nothing (rule 1). */
const says: Readonly<Partial<Record<Member, (record: Recorded, shown: ShownSnapshot) => boolean>>> = {
  status: ({ status }, shown) => shown.status === undefined || shown.status === status || (isPending(shown.status) && isPending(status)), // contract 5.1
  plan: ({ planId }, shown) => !shown.planId || shown.planId === planId,
  quantity: ({ quantity }, shown) => (shown.quantity ?? quantity) === quantity,
  term: ({ term }, shown) => !shown.term || isTermSaid(term, shown.term),
  autoRenew: ({ autoRenew }, shown) => (shown.autoRenew ?? autoRenew) === autoRenew,
  isFreeTrial: ({ isFreeTrial }, shown) => (shown.isFreeTrial ?? isFreeTrial) === isFreeTrial,
  allowedCustomerOperations: ({ allowedCustomerOperations: known }, { allowedCustomerOperations: shown = known }) =>
    shown.length === known.length && shown.every((operation) => known.includes(operation)),
  offer: (record, shown) =>
    (!shown.publisherId || shown.publisherId === record.publisherId) &&
    (!shown.offerId || (shown.offerId === record.offerId && (shown.isPreview ?? record.isPreview) === record.isPreview)),
};

/** The members of which an answer of Microsoft says something else than the record. */
export const differing = (record: Recorded, shown: ShownSnapshot): Member[] =>
  (Object.keys(says) as Member[]).filter((member) => !says[member]!(record, shown));

/**
 * What counts for access and money, and an answer leaves out although the record has it: whether it still holds nobody has said. Microsoft's own answers have all
 * of them once a subscription is set up (contract 3.2).
 */
export const leftOut = (record: Recorded, shown: ShownSnapshot): Member[] => {
  const members: Member[] = [];
  if (shown.status === undefined) members.push('status');
  if (!shown.planId) members.push('plan');
  if (record.quantity !== null && (shown.quantity ?? null) === null) members.push('quantity');
  if (record.term?.startDate && !shown.term?.startDate) members.push('term');
  return members;
};

const isTermSaid = (known: Term | null, { termUnit, startDate, endDate, chargeDuration }: Partial<Term>): boolean =>
  (!termUnit || termUnit === known?.termUnit) &&
  (!startDate || startDate === known?.startDate) &&
  (!endDate || endDate === known?.endDate) &&
  (!chargeDuration || chargeDuration === known?.chargeDuration);
