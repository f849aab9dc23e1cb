import type { Member, ShownSnapshot, Snapshot, Status } from '@landfall/contracts';

/** What can change of a subscription at Microsoft in a run, by the names that the rules of the record give it. A term is its first day; '' before it has begun. */
export interface Members {
  readonly status: Status;
  readonly plan: string;
  readonly quantity: number;
  readonly term: string;
  readonly autoRenew: boolean;
  /** The object id of the beneficiary. */
  readonly beneficiary: string;
}
export type ModelMember = keyof Members & Member;

export const members: readonly ModelMember[] = ['status', 'plan', 'quantity', 'term', 'autoRenew', 'beneficiary'];

export const owners = ['2d1f1b8e-7e6c-4c1f-8b4a-4b2e7f2c8d01', '2d1f1b8e-7e6c-4c1f-8b4a-4b2e7f2c8d02'] as const;

/** The registration of the publisher that sells the subscription, and of one that does not: an installation serves both. */
export const ownRegistration = 'default';
export const otherRegistration = 'tailspin';

/** Bought, activated, paid. */
export const atStart: Members = {
  status: 'Subscribed',
  plan: 'A',
  quantity: 5,
  term: '2026-03-01',
  autoRenew: true,
  beneficiary: owners[0],
};

/** Bought, and nothing more: its term begins with its activation (contract 5.1). */
export const atPurchase: Members = { ...atStart, status: 'PendingFulfillmentStart', term: '' };

export const publisherId = 'contoso';
export const offerId = 'contoso-crm';

export const subscriptionId = '3e2f2c7d-8d7b-4b2e-9c5b-5c3f8e3d9e03';
const tenantId = '1c0f0a9e-6f5d-4d0e-9a3b-3a1d6f1b7c01';

/** The first day of the term that follows. */
export function nextTerm(startDate: string): string {
  const [year = 0, month = 0] = startDate.split('-').map(Number);
  return month === 12 ? `${year + 1}-01-01` : `${year}-${String(month + 1).padStart(2, '0')}-01`;
}

/** Get Subscription's answer, without the members that are left out of it (contract 3.2). */
export function shownSnapshot(shown: Members, leftOut: ReadonlySet<ModelMember>): ShownSnapshot {
  const { status, plan, quantity, term, autoRenew, beneficiary } = shown;
  const varying = {
    status: { status },
    plan: { planId: plan },
    quantity: { quantity },
    term: term === '' ? {} : { term: { termUnit: 'P1M', startDate: term, endDate: dayBefore(nextTerm(term)) } },
    autoRenew: { autoRenew },
    beneficiary: { beneficiary: { tenantId, objectId: beneficiary } },
  };
  const snapshot: ShownSnapshot = { ...constant };
  for (const member of members) if (!leftOut.has(member)) Object.assign(snapshot, varying[member]);
  return snapshot;
}

/** What our record, or a public event, says of the same members. Null: nothing. */
export function membersOf(
  state: Pick<Snapshot, 'status' | 'planId' | 'quantity' | 'term' | 'autoRenew' | 'beneficiary'>,
): Record<ModelMember, Members[ModelMember] | null> {
  const { status, planId, quantity, term, autoRenew, beneficiary } = state;
  return { status, plan: planId, quantity, term: term?.startDate ?? '', autoRenew, beneficiary: beneficiary.objectId };
}

const constant = {
  subscriptionId,
  publisherId,
  offerId,
  isPreview: false,
  isFreeTrial: false,
  allowedCustomerOperations: ['Read', 'Update', 'Delete'],
  purchasedAt: '2026-02-28T12:00:00.000Z',
  purchaser: { tenantId, objectId: owners[0] },
} satisfies ShownSnapshot;

const dayBefore = (day: string): string => new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10);
