import {
  provisioningRequested,
  stableId,
  subscriptionActivated,
  subscriptionReinstated,
  subscriptionSuspended,
  subscriptionUnsubscribed,
  tenantFailed,
  tenantReady,
  tenantReleased,
  type DataOf,
  type Draft,
  type Message,
  type Stage,
  type Status,
} from '@landfall/contracts';
import type { Outcome } from '@landfall/messaging';
import { endTenant, lockTenant, unlockTenant } from './access.domain';
import { acceptRelease, acceptTenant, recordFailure } from './reply.domain';
import { requestTenant } from './request.domain';
import { unchanged, unknownTenant, type Order, type Tenant, type TenantChange, type TenantState, type Terms } from './tenant';

/** What the specs of this service are made of: one subscription, its messages and its tenant, each with a field changed here and there. */
export const subscriptionId = 'c6f3b0de-7a5e-4f0c-9d43-2f1b8e6a7d15';
export const requestId = '73a5ea1e-5b0f-5d4e-8c67-1f0d9b62c4a8';
export const startedAt = new Date('2026-03-02T09:16:00.000Z');

const person = { tenantId: '5b1f7c2a-9e34-4d60-8a7b-c2f0e4d81936', objectId: 'a83d41f6-0c7e-4b92-9f15-7d6e2b30c8a4' };
const bought = { publisherId: 'fabrikam', offerId: 'fabrikam-desk', isPreview: false, planId: 'silver', quantity: 20 };

export const someTerms = (change: Partial<Terms> = {}): Terms => ({
  ...{ adapter: 'kafka', replyTimeoutMs: 30_000, longestReplyTimeoutMs: 900_000, limitMs: 86_400_000, now: startedAt },
  ...change,
});

export const anOrder = (change: Partial<Order> = {}): Order => ({ adapter: 'kafka', requestId, ...bought, beneficiary: person, ...change });

/** A tenant in a state, with what belongs to that state, as it is read from the table. */
export function aTenant(state: TenantState, change: Partial<Tenant> = {}): TenantChange {
  const isWaiting = state === 'requested' || state === 'releasing';
  return unchanged({
    ...unknownTenant(subscriptionId),
    state,
    version: 5,
    order: state === 'awaited' ? null : anOrder(),
    attempts: isWaiting ? 1 : 0,
    waitingSince: isWaiting ? startedAt : null,
    ...change,
  });
}

/** A draft as it arrives: another service or a product sent it. */
export function sent<D extends Draft>(
  draft: D,
  id: string = stableId(draft.type, JSON.stringify(draft.data)),
): D & Omit<Message, keyof Draft> {
  return { ...draft, id, source: 'spec', time: startedAt.toISOString(), epoch: 0, correlationId: id };
}

export const aRequest = (change: Partial<DataOf<typeof provisioningRequested>> = {}) =>
  provisioningRequested({
    subscriptionId,
    version: 2,
    ...bought,
    status: 'PendingFulfillmentStart',
    beneficiary: person,
    purchaser: person,
    ...change,
  });

export const readyReply = (change: Partial<DataOf<typeof tenantReady>> = {}) =>
  tenantReady({ subscriptionId, requestId, tenantReference: 'https://contoso.desk.fabrikam.example', ...change });
export const failedReply = (isRetriable: boolean, change: Partial<DataOf<typeof tenantFailed>> = {}) =>
  tenantFailed({ subscriptionId, requestId, reason: 'There is no capacity.', isRetriable, ...change });
export const releasedReply = (change: Partial<DataOf<typeof tenantReleased>> = {}) =>
  tenantReleased({ subscriptionId, requestId, ...change });

export const suspended = (version: number, id = subscriptionId) =>
  subscriptionSuspended({
    ...publicState(id, 'Suspended', 'done', version),
    previous: previously('Subscribed'),
    graceEndsAt: '2026-02-01T08:00:00.000Z',
  });
export const reinstated = (version: number, id = subscriptionId) =>
  subscriptionReinstated({ ...publicState(id, 'Subscribed', 'done', version), previous: previously('Suspended') });
/** The stage tells how far the set-up had come when the end came. */
export const unsubscribed = (version: number, stage: Stage, id = subscriptionId) =>
  subscriptionUnsubscribed({
    ...publicState(id, 'Unsubscribed', stage, version),
    previous: previously('Subscribed'),
    retainedUntil: '2026-04-01T00:00:00.000Z',
  });
/** A public event in which this service has no interest. */
export const activated = (id: string) => subscriptionActivated(publicState(id, 'Subscribed', 'done', 4));

const previously = (status: Status) => ({ planId: 'silver', quantity: 20, status });

function publicState(id: string, status: Status, stage: Stage, version: number) {
  return {
    ...bought,
    subscriptionId: id,
    status,
    stage,
    version,
    access: 'none' as const,
    current: { planId: 'silver', quantity: 20, status },
    term: null,
    autoRenew: true,
    isFreeTrial: false,
    allowedCustomerOperations: ['Read', 'Update', 'Delete'],
    privateOfferId: null,
    purchasedAt: null,
    beneficiary: person,
    purchaser: person,
    effectiveAt: null,
    observedAt: startedAt.toISOString(),
    imported: false,
    cause: { source: 'webhook' as const },
  };
}

type Decision = (change: TenantChange | undefined, message: never, terms: Terms) => Outcome<TenantChange>;
const decisions: Record<string, Decision> = {
  [provisioningRequested.type]: requestTenant,
  [tenantReady.type]: acceptTenant,
  [tenantFailed.type]: recordFailure,
  [tenantReleased.type]: acceptRelease,
  [subscriptionSuspended.type]: lockTenant,
  [subscriptionReinstated.type]: unlockTenant,
  [subscriptionUnsubscribed.type]: endTenant,
};

/** Decides about a message as the consumer does. */
export const decide = (change: TenantChange | undefined, message: Message, terms: Terms): Outcome<TenantChange> =>
  decisions[message.type]!(change, message as never, terms);
