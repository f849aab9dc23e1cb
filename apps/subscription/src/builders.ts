import {
  operationSettled,
  operationVerified,
  purchaseConfirmed,
  purchaseResolved,
  stableId,
  subscriptionObserved,
  tenantProvisioned,
  type DataOf,
  type Draft,
  type Message,
  type Snapshot,
} from '@landfall/contracts';
import type { Subscription } from './subscription.state';

export const subscriptionId = '0b6f0c0e-7d3f-4a43-9d7e-2f2f8d0d6a01';
export const operationId = '5c1c52f0-52f7-4a1a-a9a0-6f0f3a2f7b02';
export const purchaseId = '9a3c0a55-6a1a-4b52-8f0a-0e9c4c0f1c03';

const person = { tenantId: 'c0a7d9aa-8d0c-4b8a-9d1e-4a6c0e7c1d04', objectId: 'd1b8eabb-9e1d-4c9b-8e2f-5b7d1f8d2e05' };

/** An instant some seconds after the start of the story. */
export const at = (seconds: number): string => new Date(Date.UTC(2026, 9, 1, 12, 0, seconds)).toISOString();

/** What Microsoft shows of a subscription of ten silver seats. */
export function aSnapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    subscriptionId,
    publisherId: 'contoso',
    offerId: 'contoso-saas',
    isPreview: false,
    planId: 'silver',
    quantity: 10,
    status: 'Subscribed',
    term: { termUnit: 'P1M', startDate: '2026-10-01', endDate: '2026-10-31', chargeDuration: null },
    autoRenew: true,
    isFreeTrial: false,
    allowedCustomerOperations: ['Delete', 'Read', 'Update'],
    privateOfferId: null,
    purchasedAt: at(0),
    beneficiary: person,
    purchaser: person,
    ...changes,
  };
}

/** A subscription that is active, known since second 10. */
export function aSubscription(changes: Partial<Subscription> = {}): Subscription {
  const { subscriptionId: id, ...seen } = aSnapshot();
  return {
    ...seen,
    id,
    stage: 'done',
    access: 'full',
    version: 4,
    sequence: 4,
    imported: false,
    tenantReference: null,
    stuckBecause: null,
    knownAt: at(10),
    openOperations: [],
    appliedOperations: [],
    newOperations: [],
    held: null,
    history: [],
    contact: null,
    ...changes,
  };
}

/** A draft as it arrives. */
export function arrived<T extends Draft>(draft: T): T & Message<T['type'], T['data']> {
  const id = stableId(JSON.stringify(draft));
  return { ...draft, id, source: 'landfall/test', time: at(60), epoch: 1, correlationId: id } as T & Message<T['type'], T['data']>;
}

export const verified = (changes: Partial<DataOf<typeof operationVerified>> & { action: string }) =>
  arrived(
    operationVerified({
      subscriptionId,
      operationId,
      operationStatus: 'InProgress',
      source: 'Azure',
      planId: 'silver',
      quantity: 10,
      snapshot: aSnapshot(),
      readAt: at(20),
      receivedAt: at(19),
      requestedAt: at(18),
      ...changes,
    }),
  );

export const settled = (changes: Partial<DataOf<typeof operationSettled>> & { action: string }) =>
  arrived(
    operationSettled({
      subscriptionId,
      operationId,
      operationStatus: 'Succeeded',
      settled: 'Succeeded',
      source: 'Azure',
      planId: 'silver',
      quantity: 10,
      snapshot: aSnapshot(),
      readAt: at(30),
      ...changes,
    }),
  );

export const observed = (snapshot: Snapshot, readAt: string, occasion: 'activation' | 'webhook' | 'reconciliation' = 'reconciliation') =>
  arrived(subscriptionObserved({ subscriptionId, snapshot, readAt, occasion }));

export const resolved = (snapshot: Snapshot, readAt: string, id = purchaseId) =>
  arrived(purchaseResolved({ purchaseId: id, subscriptionId, snapshot, plans: [], readAt }));

export const confirmed = (id = purchaseId) =>
  arrived(purchaseConfirmed({ purchaseId: id, subscriptionId, person, sealedContact: null, answers: {}, confirmedAt: at(30) }));

export const tenantReadyFor = (version: number) =>
  arrived(tenantProvisioned({ subscriptionId, version, tenantReference: 'tenant-1', adapter: 'none' }));
