import { tenantReleaseRequested, tenantRequested } from '@landfall/contracts';
import { changed } from '@landfall/messaging';
import type { Adapter } from './adapter';
import { remindProduct, type Goal } from '../reminder/reminder.job';
import { apply, type OrderedTenant, type Terms } from '../tenant/tenant';

/** The one reason for taking a tenant back (rule 3). Whether a used tenant is purged later is a question of retention. */
export const takenBackBecause = 'The subscription was unsubscribed before its tenant was used.';

/** For products that read `landfall.provisioning.requests.v1` and answer on `landfall.provisioning.replies.v1`. */
export const kafkaAdapter: Adapter = {
  provision(change, terms) {
    const asked = apply(change, 'requested', terms.now, { state: 'requested', attempts: 1, waitingSince: terms.now, lastFailure: null });
    return changed(asked, requestFor(asked.tenant), reminderOf(asked.tenant, 'ready', terms));
  },

  takeBack(change, terms) {
    const patch = { state: 'releasing', attempts: 1, waitingSince: terms.now } as const;
    const asked = apply(change, 'release-requested', terms.now, patch, takenBackBecause);
    return changed(asked, releaseFor(asked.tenant), reminderOf(asked.tenant, 'released', terms));
  },
};

/** The request as it stands now. It may be sent any number of times: the product makes the tenant once. */
export function requestFor({ subscriptionId, version, isLocked, order }: OrderedTenant) {
  const { adapter: _adapter, ...asked } = order;
  return tenantRequested({ subscriptionId, version, isLocked, ...asked });
}

export function releaseFor({ subscriptionId, version, order }: OrderedTenant) {
  return tenantReleaseRequested({ subscriptionId, requestId: order.requestId, version, reason: takenBackBecause });
}

/** The job that looks whether the answer came: after the reply timeout, which doubles with each request, and at the limit at the latest. */
export function reminderOf({ subscriptionId, order, attempts, waitingSince }: OrderedTenant, goal: Goal, terms: Terms) {
  const patienceMs = Math.min(terms.replyTimeoutMs * 2 ** (attempts - 1), terms.longestReplyTimeoutMs);
  const limitAt = (waitingSince ?? terms.now).getTime() + terms.limitMs;
  const runAt = new Date(Math.min(terms.now.getTime() + patienceMs, limitAt)).toISOString();
  return remindProduct({ subscriptionId, requestId: order.requestId, goal, attempts }, { runAt });
}
