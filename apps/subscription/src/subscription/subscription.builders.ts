import {
  operationSettled,
  operationVerified,
  purchaseConfirmed,
  purchaseResolved,
  subscriptionObserved,
  tenantProvisioned,
  type DataOf,
  type Draft,
  type Message,
  type Snapshot,
} from '@landfall/contracts';
import type { Outcome } from '@landfall/messaging';
import { aMessage, aPerson, aSnapshot as aSnapshotOf } from '@landfall/testing';
import { SubscriptionConsumer } from '../subscription.consumer';
import { unchanged, type EncryptedContact, type Subscription, type SubscriptionChange } from './subscription';

export const subscriptionId = '0b6f0c0e-7d3f-4a43-9d7e-2f2f8d0d6a01';
export const operationId = '5c1c52f0-52f7-4a1a-a9a0-6f0f3a2f7b02';
export const purchaseId = '9a3c0a55-6a1a-4b52-8f0a-0e9c4c0f1c03';

/** An instant some seconds after the purchase. */
export const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1, 12, 0, seconds)).toISOString();

/** What Microsoft shows of a subscription of ten silver seats. */
export const aSnapshot = (changes: Partial<Snapshot> = {}): Snapshot => aSnapshotOf({ subscriptionId, purchasedAt: at(0), ...changes });

/** A subscription that is active, as of second 10. */
export function aSubscription(changes: Partial<Subscription> = {}): Subscription {
  const { subscriptionId: id, ...shown } = aSnapshot();
  return {
    ...shown,
    id,
    stage: 'done',
    access: 'full',
    version: 4,
    sequence: 4,
    imported: false,
    tenantReference: null,
    failureReason: null,
    asOf: at(10),
    openOperations: [],
    deferredSnapshot: null,
    ...changes,
  };
}

/** The same as `load` hands it to a decision. */
export const loaded = (changes: Partial<Subscription> = {}): SubscriptionChange => unchanged(aSubscription(changes));

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

const consumer = new SubscriptionConsumer({} as never, {} as never);
const decisions = {
  ...consumer.onFulfillmentEvents().decide,
  ...consumer.onGatewayEvents().decide,
  ...consumer.onProvisioningEvents().decide,
};

/** Decides about a message as the consumer's table says. `facts` is what `enrich` gives: the contact of a confirmation. */
export const decide = (current: SubscriptionChange | undefined, message: Message, facts: EncryptedContact | null = null) =>
  decisions[message.type]!(current, message, facts) as Outcome<SubscriptionChange>;

/** The messages that an outcome emits, shortened; without the snapshot that goes with each public event. */
export const emitted = (outcome: Outcome<SubscriptionChange>): string[] =>
  (outcome.effects as Draft[])
    .map(({ type }) => type.replace(/^landfall\.(subscription\.)?|\.v1$/g, ''))
    .filter((type) => type !== 'snapshot');

/** What the next message of the same batch meets. */
export const changeOf = (outcome: Outcome<SubscriptionChange>): SubscriptionChange => {
  if (outcome.kind !== 'changed') throw new Error(`nothing changed: ${outcome.kind}, ${outcome.reason}`);
  return outcome.state;
};

export const subscriptionOf = (outcome: Outcome<SubscriptionChange>): Subscription => changeOf(outcome).subscription;
