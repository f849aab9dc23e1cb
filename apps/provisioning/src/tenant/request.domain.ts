import { tenantProvisioned, type MessageOf, type provisioningRequested } from '@landfall/contracts';
import { changed, ignored, type Outcome } from '@landfall/messaging';
import { adapters } from '../adapter/adapter';
import { orderedOf, reactions, set, unchanged, unknownTenant, type OrderedTenant, type TenantChange, type Terms } from './tenant';

/**
 * Decides about a request of the subscription service. There is one tenant per subscription, however often it is asked for, and only a
 * newer request may ask for it again.
 */
export function requestTenant(
  current: TenantChange | undefined,
  { id, data }: MessageOf<typeof provisioningRequested>,
  terms: Terms,
): Outcome<TenantChange> {
  const change = current ?? unchanged(unknownTenant(data.subscriptionId));
  const { tenant } = change;
  const reaction = reactions[tenant.state].request;
  if (reaction === 'ended') return ignored('the subscription has ended');
  if (reaction === 'running') return ignored('the tenant is being made already');
  if (tenant.order && data.version <= tenant.version) return ignored('it is not newer than what is known');

  const isNewest = data.version >= tenant.version;
  const updated = set(change, {
    version: Math.max(tenant.version, data.version),
    isLocked: isNewest ? data.status === 'Suspended' : tenant.isLocked,
  });
  const ordered = orderedOf(updated);
  if (reaction === 'answer-again' && ordered) return changed(ordered, provisionedAnswer(ordered.tenant));
  const { publisherId, offerId, isPreview, planId, quantity, beneficiary } = data;
  const order = { adapter: terms.adapter, requestId: id, publisherId, offerId, isPreview, planId, quantity, beneficiary };
  return adapters[order.adapter].provision(set(updated, { order }), terms);
}

/** Tells the subscription service that the tenant is there. */
export function provisionedAnswer({ subscriptionId, version, tenantReference, order }: OrderedTenant) {
  return tenantProvisioned({ subscriptionId, version, tenantReference, adapter: order.adapter });
}
