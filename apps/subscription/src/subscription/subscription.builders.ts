import {
  operationSettled,
  operationVerified,
  purchaseConfirmed,
  purchaseResolved,
  subscriptionObserved,
  tenantProvisioned,
  type DataOf,
  type Draft,
  type Snapshot,
} from '@landfall/contracts';
import type { Outcome } from '@landfall/messaging';
import { aMessage, aPerson, aSnapshot as seen } from '@landfall/testing';
import type { Subscription } from './subscription';

export const subscriptionId = '0b6f0c0e-7d3f-4a43-9d7e-2f2f8d0d6a01';
export const operationId = '5c1c52f0-52f7-4a1a-a9a0-6f0f3a2f7b02';
export const purchaseId = '9a3c0a55-6a1a-4b52-8f0a-0e9c4c0f1c03';

/** An instant some seconds after the start of the story. */
export const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1, 12, 0, seconds)).toISOString();

/** What Microsoft shows of a subscription of ten silver seats. */
export const aSnapshot = (changes: Partial<Snapshot> = {}): Snapshot => seen({ subscriptionId, purchasedAt: at(0), ...changes });

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

export const verified = (changes: Partial<DataOf<typeof operationVerified>> & { action: string }) =>
  aMessage(
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
  aMessage(
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
  aMessage(subscriptionObserved({ subscriptionId: snapshot.subscriptionId, snapshot, readAt, occasion }));

export const resolved = (snapshot: Snapshot, readAt: string, id = purchaseId) =>
  aMessage(purchaseResolved({ purchaseId: id, subscriptionId: snapshot.subscriptionId, snapshot, plans: [], readAt }));

export const confirmed = (id = subscriptionId, encryptedContact: string | null = null) =>
  aMessage(purchaseConfirmed({ purchaseId, subscriptionId: id, person: aPerson(), encryptedContact, answers: {}, confirmedAt: at(30) }));

export const tenantReadyFor = (version: number, id = subscriptionId) =>
  aMessage(tenantProvisioned({ subscriptionId: id, version, tenantReference: 'tenant-1', adapter: 'none' }));

/** The public events that an outcome says, without their room and version. */
export const said = (outcome: Outcome<Subscription>): string[] =>
  (outcome.effects as Draft[])
    .map(({ type }) => type.replace(/^landfall\.(subscription\.)?|\.v1$/g, ''))
    .filter((type) => type !== 'snapshot');

export const stateOf = (outcome: Outcome<Subscription>): Subscription => {
  if (outcome.kind !== 'changed') throw new Error(`nothing changed: ${outcome.kind}, ${outcome.reason}`);
  return { ...outcome.state, history: [], newOperations: [] };
};
