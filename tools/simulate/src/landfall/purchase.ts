import {
  purchaseConfirmed,
  purchaseResolved,
  stableId,
  tenantProvisioned,
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
  return drafts.map((draft, index) => ({
    ...draft,
    id: stableId('before', index),
    source: 'landfall/before',
    time: at,
    epoch: 1,
    correlationId: purchaseId,
  }));
}
