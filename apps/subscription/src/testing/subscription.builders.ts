import {
  catalogSchema,
  emptyCatalog,
  operationAnnounced,
  operationSettled,
  operationVerified,
  purchaseConfirmed,
  purchaseResolved,
  readSubscription,
  subscriptionObserved,
  tenantProvisioned,
  type Catalog,
  type DataOf,
  type Draft,
  type Message,
  type ShownSnapshot,
  type Snapshot,
  type SubscriptionRead,
} from '@landfall/contracts';
import type { Outcome } from '@landfall/messaging';
import { aMessage, aPerson, aSnapshot as aSnapshotOf } from '@landfall/testing';
import { SubscriptionConsumer } from '../subscription.consumer';
import type { EncryptedContact } from '../contact/contact';
import { unchanged, type Subscription, type SubscriptionChange } from '../subscription/subscription';

export const subscriptionId = '0b6f0c0e-7d3f-4a43-9d7e-2f2f8d0d6a01';
export const operationId = '5c1c52f0-52f7-4a1a-a9a0-6f0f3a2f7b02';
export const requestId = '1d7b3e58-4c92-4f06-8a1d-6e0f9b2c5d04';
export const purchaseId = '9a3c0a55-6a1a-4b52-8f0a-0e9c4c0f1c03';

/** An instant some seconds after the purchase. */
export const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1, 12, 0, seconds)).toISOString();

/** How far the copies of the specs lag at most. */
export const copyLagMs = 150_000;

/** A subscription of ten silver seats, whole. */
export const aSnapshot = (changes: Partial<Snapshot> = {}): Snapshot => aSnapshotOf({ subscriptionId, purchasedAt: at(0), ...changes });

/** What an answer of Microsoft shows of it; `undefined` leaves a member out. */
export const shown = (changes: Partial<ShownSnapshot> = {}): ShownSnapshot => {
  const { privateOfferId, ...whole } = aSnapshot();
  const term = { termUnit: 'P1M', startDate: '2026-01-01', endDate: '2026-01-31' };
  return { ...(whole as ShownSnapshot), ...(privateOfferId && { privateOfferId }), term, ...changes };
};

/** A read of the second after noon that its `Date` says. Reads are numbered in the order of time. */
export const aRead = (second: number, changes: Partial<ShownSnapshot> = {}, readNo = 1_000 + second): SubscriptionRead => ({
  snapshot: shown(changes),
  readNo,
  date: at(second),
});

/** A subscription that has been active since it was first read, in second 10. */
export function aSubscription(changes: Partial<Subscription> = {}): Subscription {
  const { subscriptionId: id, ...whole } = aSnapshot();
  return {
    ...whole,
    ...{ id, stage: 'done', access: 'full', version: 4, sequence: 4, imported: false, tenantReference: null },
    ...{ isActivated: true, failureReason: null, rejectionReason: null, cancellationRequestId: null },
    ...{ asOf: at(10), firstReadNo: 1_010, firstReadDate: at(10), lastSubscribedDate: at(10), members: {}, orderedReads: 1 },
    ...{ graceEndsAt: null, passedMilestones: [] },
    ...changes,
  };
}

/** The same as `load` hands it to a decision. */
export const loaded = (changes: Partial<Subscription> = {}): SubscriptionChange => unchanged(aSubscription(changes), copyLagMs);

type Announced = DataOf<typeof operationAnnounced>;
type Verified = DataOf<typeof operationVerified>;
type Settled = DataOf<typeof operationSettled>;

const anOperation = { subscriptionId, operationId, source: 'Azure', planId: null, quantity: null, timeStamp: at(18), isRevert: false };

/** An operation that a webhook named and that Microsoft does not show. */
export const announced = (changes: Partial<Announced> & { action: string }) => aMessage(operationAnnounced({ ...anOperation, ...changes }));

/** An operation as Microsoft showed it in second 20; open, where nothing else is said. */
export const verified = (changes: Partial<Verified> & { action: string }) =>
  aMessage(
    operationVerified({
      ...anOperation,
      registration: 'default',
      ...{ operationStatus: 'InProgress', operationDate: at(20), seenOpenAt: null, read: aRead(20) },
      ...(isOpenStatus(changes.operationStatus) && { seenOpenAt: changes.operationDate ?? at(20) }),
      ...changes,
    }),
  );

const isOpenStatus = (status: Verified['operationStatus'] = 'InProgress') => status === 'NotStarted' || status === 'InProgress';

/** The end of an operation that was seen open in second 20, as Microsoft showed it in second 30. */
export const settled = (changes: Partial<Settled> & { action: string }) =>
  aMessage(
    operationSettled({
      ...anOperation,
      registration: 'default',
      ...{ settled: 'Succeeded', operationDate: at(30), seenOpenAt: at(20), read: aRead(30) },
      ...changes,
    }),
  );

export const observed = (read: SubscriptionRead, occasion: DataOf<typeof subscriptionObserved>['occasion'] = 'reconciliation') =>
  aMessage(subscriptionObserved({ subscriptionId: read.snapshot.subscriptionId, read, occasion, order: null, closes: [] }));

/** A read that the record ordered. */
export const ordered = (read: SubscriptionRead, { order, closes }: Pick<DataOf<typeof readSubscription>, 'order' | 'closes'>) =>
  aMessage(subscriptionObserved({ subscriptionId: read.snapshot.subscriptionId, read, occasion: 'order', order, closes }));

export const resolved = (read: SubscriptionRead, id = purchaseId) =>
  aMessage(purchaseResolved({ purchaseId: id, subscriptionId: read.snapshot.subscriptionId, read, plans: [] }));

export const confirmed = (id = subscriptionId, encryptedContact: string | null = null) =>
  aMessage(purchaseConfirmed({ purchaseId, subscriptionId: id, person: aPerson(), encryptedContact, answers: {}, confirmedAt: at(30) }));

export const tenantReadyFor = (version: number, id = subscriptionId) =>
  aMessage(tenantProvisioned({ subscriptionId: id, version, tenantReference: 'tenant-1', adapter: 'none' }));

/** A catalog of the offer of these specs: from gold to silver is a step down, and silver has at most fifty seats. */
export const aCatalog = (offer: object = {}): Catalog =>
  catalogSchema.parse({
    publishers: {
      [aSnapshot().publisherId]: {
        offers: {
          [aSnapshot().offerId]: {
            ...{ displayName: 'Team', noDowngrade: ['silver', 'gold'] },
            plans: { silver: { displayName: 'Silver', seats: { max: 50 } }, gold: { displayName: 'Gold' }, bronze: { mayMoveTo: [] } },
            ...offer,
          },
        },
      },
    },
  });

/** The catalog that decisions see. A spec that sets another one puts this back. */
export const inForce = { current: emptyCatalog };

const consumer = new SubscriptionConsumer({} as never, {} as never, copyLagMs, inForce);
const decisions = {
  ...consumer.onFulfillmentEvents().decide,
  ...consumer.onGatewayEvents().decide,
  ...consumer.onProvisioningEvents().decide,
};

/** All types of messages about which the record decides. What says that a person was erased is no news of a subscription. */
export const decidedTypes: readonly string[] = Object.keys(decisions).filter((type) => !type.endsWith('.contact-erased.v1'));

/** Decides about a message as the consumer's table says. `facts` is what `enrich` gives: the contact of a confirmation. */
export const decide = (current: SubscriptionChange | undefined, message: Message, facts: EncryptedContact | null = null) =>
  decisions[message.type]!(current, message, facts) as Outcome<SubscriptionChange>;

/** The reads that an outcome orders. */
export const orders = (outcome: Outcome<SubscriptionChange>): DataOf<typeof readSubscription>[] =>
  (outcome.effects as Draft[]).filter(({ type }) => type === readSubscription.type).map(({ data }) => data as never);

/** The messages and jobs that an outcome emits, shortened; without the snapshot that goes with each public event, ordered reads, and what it overtakes. */
export const emitted = (outcome: Outcome<SubscriptionChange>): string[] =>
  outcome.effects
    .flatMap((effect) => {
      if ('overtaken' in effect) return [];
      return 'type' in effect ? effect.type.replace(/^landfall\.(subscription\.)?|\.v1$/g, '') : `job ${effect.kind}`;
    })
    .filter((type) => type !== 'snapshot' && type !== 'fulfillment.read-subscription');

/** What the next message of the same batch meets. */
export const changeOf = (outcome: Outcome<SubscriptionChange>): SubscriptionChange => {
  if (outcome.kind !== 'changed') throw new Error(`nothing changed: ${outcome.kind}, ${outcome.reason}`);
  return outcome.state;
};

/** The data of an event that an outcome emits, by its short name. */
export const eventOf = (outcome: Outcome<SubscriptionChange>, name: string): Record<string, unknown> =>
  (outcome.effects as Draft[]).find(({ type }) => type === `landfall.subscription.${name}.v1`)!.data as Record<string, unknown>;

export const subscriptionOf = (outcome: Outcome<SubscriptionChange>): Subscription => changeOf(outcome).subscription;
