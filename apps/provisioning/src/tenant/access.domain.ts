import type { MessageOf, subscriptionReinstated, subscriptionSuspended, subscriptionUnsubscribed } from '@landfall/contracts';
import { changed, ignored, type Outcome } from '@landfall/messaging';
import { adapters } from '../adapter/adapters';
import { requestFor } from '../adapter/kafka.adapter';
import { overtakenReminder } from '../reminder/reminder.job';
import { apply, orderedOf, reactions, set, unchanged, unknownTenant, type TenantChange, type Terms } from './tenant';

// What public events do to the tenant. The product follows these events itself; here they matter to a tenant that is being made.

export function lockTenant(
  change: TenantChange | undefined,
  { data }: MessageOf<typeof subscriptionSuspended>,
  { now }: Terms,
): Outcome<TenantChange> {
  return setLock(change, data, true, now);
}

export function unlockTenant(
  change: TenantChange | undefined,
  { data }: MessageOf<typeof subscriptionReinstated>,
  { now }: Terms,
): Outcome<TenantChange> {
  return setLock(change, data, false, now);
}

interface SubscriptionVersion {
  readonly subscriptionId: string;
  readonly version: number;
}

function setLock(
  current: TenantChange | undefined,
  { subscriptionId, version }: SubscriptionVersion,
  isLocked: boolean,
  now: Date,
): Outcome<TenantChange> {
  const change = current ?? unchanged(unknownTenant(subscriptionId));
  const { tenant } = change;
  if (reactions[tenant.state].lock === 'ended') return ignored('the subscription has ended');
  if (version <= tenant.version) return ignored('it is not newer than what is known');
  const next = apply(change, 'lock-set', now, { isLocked, version }, isLocked ? 'suspended' : 'reinstated');
  const ordered = orderedOf(next);
  const isBeingMade = tenant.state === 'requested' && tenant.isLocked !== isLocked;
  return isBeingMade && ordered ? changed(ordered, requestFor(ordered.tenant)) : changed(next);
}

/** With the subscription's end nobody waits for a tenant any more, and none is reminded of it: a reminder that has died calls nobody. */
export function endTenant(
  current: TenantChange | undefined,
  message: MessageOf<typeof subscriptionUnsubscribed>,
  terms: Terms,
): Outcome<TenantChange> {
  const outcome = takeBackUnused(current, message, terms);
  const overtaken = overtakenReminder('ready', message.data.subscriptionId, 'the subscription has ended');
  return { ...outcome, effects: [...outcome.effects, overtaken] };
}

/** The subscription has ended. A tenant that nobody will use is taken back, also one that may still come. */
function takeBackUnused(
  current: TenantChange | undefined,
  { data }: MessageOf<typeof subscriptionUnsubscribed>,
  terms: Terms,
): Outcome<TenantChange> {
  const change = current ?? unchanged(unknownTenant(data.subscriptionId));
  const { tenant } = change;
  const reaction = reactions[tenant.state].end;
  if (reaction === 'ended') return ignored('its end is known');
  const updated = set(change, { version: Math.max(tenant.version, data.version) });
  const ordered = orderedOf(updated);
  const wasUsed = data.stage === 'done'; // the set-up had been completed, so the customer could come in
  if (!ordered || reaction === 'end' || (reaction === 'take-back-if-unused' && wasUsed)) {
    return changed(apply(updated, 'ended', terms.now, { state: 'ended', waitingSince: null }));
  }
  return adapters[ordered.tenant.order.adapter].takeBack(ordered, terms);
}
