import {
  purchaseConfirmed,
  purchaseResolved,
  stableId,
  subscriptionObserved,
  tenantProvisioned,
  type DataOf,
  type Draft,
  type Message,
  type SubscriptionRead,
} from '@landfall/contracts';
import { instantOf } from '../time';
import { subscriptionId } from '../microsoft/members';

const purchaseId = stableId('purchase');
const person = { tenantId: '1c0f0a9e-6f5d-4d0e-9a3b-3a1d6f1b7c01', objectId: '2d1f1b8e-7e6c-4c1f-8b4a-4b2e7f2c8d01' };

/** What comes before every run: a customer has brought the subscription, confirmed it, and has a tenant. Microsoft had activated it by itself. */
export function purchase(read: SubscriptionRead): Message[] {
  const at = instantOf(0);
  const drafts: Draft[] = [
    purchaseResolved({ purchaseId, subscriptionId, read, plans: [] }),
    purchaseConfirmed({ purchaseId, subscriptionId, person, encryptedContact: null, answers: {}, confirmedAt: at }),
    tenantProvisioned({ subscriptionId, tenantReference: 'tenant', version: 1, adapter: 'none' }),
  ];
  return drafts.map((draft, index) => before(draft, index));
}

/** What opened its members, long before the run. */
export const closingRead = (read: SubscriptionRead, closes: DataOf<typeof subscriptionObserved>['closes']): Message =>
  before(subscriptionObserved({ subscriptionId, read, occasion: 'order', order: 1, closes }), 'closing read');

const before = (draft: Draft, place: string | number): Message => ({
  ...draft,
  id: stableId('before', place),
  source: 'landfall/before',
  time: instantOf(0),
  epoch: 1,
  correlationId: purchaseId,
});
