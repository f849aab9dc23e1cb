import { tenantProvisioningFailed } from '@landfall/contracts';
import { changed, ignored, type JobOf, type Outcome } from '@landfall/messaging';
import { releaseFor, reminderOf, requestFor } from '../adapter/kafka.adapter';
import type { Goal, remindProduct } from './reminder.job';
import { stepped, type OrderedTenant, type Tenant, type TenantState, type Terms } from '../tenant/tenant.state';

type Reminder = JobOf<typeof remindProduct>['payload'];

const waitsFor: Record<Goal, TenantState> = { ready: 'requested', released: 'releasing' };

/** Decides what follows when a request's time is up. A reminder whose request was answered, or sent again since, does nothing. */
export function remind(tenant: Tenant | undefined, { requestId, goal, attempts }: Reminder, terms: Terms): Outcome<Tenant> {
  if (!tenant?.order || tenant.order.requestId !== requestId) return ignored('another request has taken its place');
  if (tenant.state !== waitsFor[goal]) return ignored('the product has answered');
  if (tenant.attempts !== attempts) return ignored('the product was asked again already');
  const ordered = { ...tenant, order: tenant.order };
  const waitedMs = terms.now.getTime() - (tenant.waitingSince ?? terms.now).getTime();
  return waitedMs >= terms.limitMs ? giveUp[goal](ordered, terms) : askAgain(ordered, goal, terms);
}

function askAgain(tenant: OrderedTenant, goal: Goal, terms: Terms): Outcome<Tenant> {
  const asked = stepped(tenant, 'asked-again', terms.now, { attempts: tenant.attempts + 1 });
  const request = goal === 'ready' ? requestFor(asked) : releaseFor(asked);
  return changed(asked, request, reminderOf(asked, goal, terms));
}

const giveUp: Record<Goal, (tenant: OrderedTenant, terms: Terms) => Outcome<Tenant>> = {
  ready(tenant, { now }) {
    const lastWords = tenant.lastFailure ? `; it last said: ${tenant.lastFailure}` : '';
    return failed(tenant, `The product did not make the tenant in time${lastWords}`, now);
  },
  released(tenant, { now }) {
    const reason = 'The product did not confirm in time that it took the tenant back';
    return changed(stepped(tenant, 'unreleased', now, { state: 'unreleased', waitingSince: null }, reason), failure(tenant, reason));
  },
};

/** The tenant can't be made, and nobody tries again by itself. */
export function failed(tenant: OrderedTenant, reason: string, now: Date): Outcome<Tenant> {
  const next = stepped(tenant, 'failed', now, { state: 'failed', waitingSince: null, lastFailure: reason }, reason);
  return changed(next, failure(tenant, reason));
}

const failure = ({ subscriptionId, version }: Tenant, reason: string) => tenantProvisioningFailed({ subscriptionId, version, reason });
