import {
  tenantProvisioned,
  tenantTakenBack,
  type MessageOf,
  type provisioningReplies,
  type provisioningRequested,
  type subscriptionReinstated,
  type subscriptionSuspended,
  type subscriptionUnsubscribed,
} from '@landfall/contracts';
import { changed, ignored, type Outcome } from '@landfall/messaging';
import { adapters } from '../adapter/adapter';
import { requestFor, takenBackBecause } from '../adapter/kafka.adapter';
import { failed } from '../reminder/reminder.domain';
import { stepped, unknownTenant, type OrderedTenant, type Tenant, type TenantState, type Terms } from './tenant.state';

type ProvisioningRequested = MessageOf<typeof provisioningRequested>;
type Reply = MessageOf<typeof provisioningReplies>;
type Unsubscribed = MessageOf<typeof subscriptionUnsubscribed>;
type LockEvent = MessageOf<typeof subscriptionSuspended> | MessageOf<typeof subscriptionReinstated>;
export type AccessEvent = LockEvent | Unsubscribed;

/** What a request for a tenant meets. Only a newer one may ask again; after the end there is nothing to ask for (rule 3). */
const onRequest: Record<TenantState, 'provision' | 'repeat-answer' | 'running' | 'over'> = {
  awaited: 'provision',
  requested: 'running',
  ready: 'repeat-answer',
  failed: 'provision',
  releasing: 'over',
  released: 'over',
  unreleased: 'over',
  ended: 'over',
};

/** Decides about a request of the subscription service. There is one tenant per subscription, however often it is asked for. */
export function decideOnRequest(current: Tenant | undefined, { id, data }: ProvisioningRequested, terms: Terms): Outcome<Tenant> {
  const tenant = current ?? unknownTenant(data.subscriptionId);
  const reaction = onRequest[tenant.state];
  if (reaction === 'over') return ignored('the subscription has ended');
  if (reaction === 'running') return ignored('the tenant is being made already');
  if (tenant.order && data.version <= tenant.version) return ignored('it is not newer than what is known');

  const isNewest = data.version >= tenant.version;
  const seen = {
    ...tenant,
    version: Math.max(tenant.version, data.version),
    isLocked: isNewest ? data.status === 'Suspended' : tenant.isLocked,
  };
  if (reaction === 'repeat-answer' && tenant.order) return changed(seen, answerOf({ ...seen, order: tenant.order }));
  const { publisherId, offerId, isPreview, planId, quantity, beneficiary } = data;
  const order = { adapter: terms.adapter, requestId: id, publisherId, offerId, isPreview, planId, quantity, beneficiary };
  return adapters[order.adapter].provision({ ...seen, order }, terms);
}

/** Decides about an answer of a product. Products are not ours: what does not fit an order of ours is dropped with a reason. */
export function decideOnReply(tenant: Tenant | undefined, reply: Reply, terms: Terms): Outcome<Tenant> {
  if (!tenant?.order) return ignored('no tenant was asked for');
  if (tenant.order.requestId !== reply.data.requestId) return ignored('it answers another request');
  const ordered = { ...tenant, order: tenant.order };
  switch (reply.type) {
    case 'landfall.provisioning.tenant-ready.v1':
      return decideOnReady(ordered, reply.data.tenantReference, terms);
    case 'landfall.provisioning.tenant-failed.v1':
      return decideOnFailed(ordered, reply.data, terms);
    case 'landfall.provisioning.tenant-released.v1':
      return decideOnReleased(ordered, terms);
  }
}

/** What `tenant-ready` meets. After a failure it is still welcome; after the end the tenant is taken back (again). */
const onReady: Record<TenantState, 'accept' | 'known' | 'take-back'> = {
  awaited: 'known', // without an order nothing answers
  requested: 'accept',
  ready: 'known',
  failed: 'accept',
  releasing: 'known', // the product reads the release after the request
  released: 'take-back',
  unreleased: 'take-back',
  ended: 'known', // it had been ready before
};

function decideOnReady(tenant: OrderedTenant, tenantReference: string | null, terms: Terms): Outcome<Tenant> {
  switch (onReady[tenant.state]) {
    case 'known':
      return ignored('it changes nothing any more');
    case 'take-back':
      return adapters[tenant.order.adapter].takeBack({ ...tenant, tenantReference }, terms);
    case 'accept': {
      const ready = stepped(tenant, 'ready', terms.now, { state: 'ready', tenantReference, waitingSince: null, lastFailure: null });
      return changed(ready, answerOf(ready));
    }
  }
}

function decideOnFailed(
  tenant: OrderedTenant,
  { reason, isRetriable }: { reason: string; isRetriable: boolean },
  { now }: Terms,
): Outcome<Tenant> {
  if (tenant.state !== 'requested') return ignored('no tenant is being waited for');
  if (!isRetriable) return failed(tenant, reason, now);
  return changed(stepped(tenant, 'retriable-failure', now, { lastFailure: reason }, reason)); // the reminder asks again when it is due
}

function decideOnReleased(tenant: OrderedTenant, { now }: Terms): Outcome<Tenant> {
  if (tenant.state !== 'releasing' && tenant.state !== 'unreleased') return ignored('no release is being waited for');
  const released = stepped(tenant, 'released', now, { state: 'released', waitingSince: null });
  return changed(released, tenantTakenBack({ subscriptionId: tenant.subscriptionId, reason: takenBackBecause }));
}

/** Decides what a public event does to the tenant. The product follows these events itself; this is about a tenant that is being made. */
export function decideOnEvent(current: Tenant | undefined, event: AccessEvent, terms: Terms): Outcome<Tenant> {
  const tenant = current ?? unknownTenant(event.data.subscriptionId);
  return event.type === 'landfall.subscription.unsubscribed.v1' ? end(tenant, event, terms) : lock(tenant, event, terms);
}

function lock(tenant: Tenant, { type, data }: LockEvent, { now }: Terms): Outcome<Tenant> {
  if (hasEnded(tenant)) return ignored('the subscription has ended');
  if (data.version <= tenant.version) return ignored('it is not newer than what is known');
  const isLocked = type === 'landfall.subscription.suspended.v1';
  const reason = isLocked ? 'suspended' : 'reinstated';
  const next = stepped(tenant, 'noted', now, { isLocked, version: data.version }, reason);
  const isUnderWay = next.state === 'requested' && next.isLocked !== tenant.isLocked;
  return isUnderWay && next.order ? changed(next, requestFor({ ...next, order: next.order })) : changed(next);
}

/** What the end of a subscription meets. An unsubscribe is never older than anything: nothing follows it (rule 3). */
const onEnd: Record<TenantState, 'end' | 'take-back' | 'take-back-if-unused' | 'over'> = {
  awaited: 'end',
  requested: 'take-back',
  ready: 'take-back-if-unused',
  failed: 'take-back', // it may be there all the same
  releasing: 'over',
  released: 'over',
  unreleased: 'over',
  ended: 'over',
};

function end(tenant: Tenant, { data }: Unsubscribed, terms: Terms): Outcome<Tenant> {
  const reaction = onEnd[tenant.state];
  if (reaction === 'over') return ignored('its end is known');
  const seen = { ...tenant, version: Math.max(tenant.version, data.version) };
  const wasUsed = data.stage === 'done'; // the set-up had been completed, so the customer could come in
  if (!seen.order || reaction === 'end' || (reaction === 'take-back-if-unused' && wasUsed)) {
    return changed(stepped(seen, 'ended', terms.now, { state: 'ended', waitingSince: null }));
  }
  return adapters[seen.order.adapter].takeBack({ ...seen, order: seen.order }, terms);
}

const hasEnded = ({ state }: Tenant): boolean => onEnd[state] === 'over';

function answerOf({ subscriptionId, version, tenantReference, order }: OrderedTenant) {
  return tenantProvisioned({ subscriptionId, version, tenantReference, adapter: order.adapter });
}
