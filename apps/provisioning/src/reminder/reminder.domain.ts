import { changed, ignored, type JobOf, type Outcome } from '@landfall/messaging';
import { releaseFor, reminderOf, requestFor } from '../adapter/kafka.adapter';
import { failTenant, failureOf } from '../tenant/reply.domain';
import { apply, orderedOf, type OrderedTenant, type TenantChange, type TenantState, type Terms } from '../tenant/tenant';
import type { Goal, remindProduct } from './reminder.job';

type Reminder = JobOf<typeof remindProduct>['payload'];

const waitsFor: Record<Goal, TenantState> = { ready: 'requested', released: 'releasing' };

/** Decides what follows when a request's time is up. A reminder whose request was answered, or sent again since, does nothing. */
export function remind(change: TenantChange | undefined, { requestId, goal, attempts }: Reminder, terms: Terms): Outcome<TenantChange> {
  const ordered = orderedOf(change);
  if (!ordered || ordered.tenant.order.requestId !== requestId) return ignored('another request has taken its place');
  const { tenant } = ordered;
  if (tenant.state !== waitsFor[goal]) return ignored('the product has answered');
  if (tenant.attempts !== attempts) return ignored('the product was asked again already');
  const waitedMs = terms.now.getTime() - (tenant.waitingSince ?? terms.now).getTime();
  return waitedMs >= terms.limitMs ? giveUp[goal](ordered, terms) : askAgain(ordered, goal, terms);
}

function askAgain(change: TenantChange<OrderedTenant>, goal: Goal, terms: Terms): Outcome<TenantChange> {
  const asked = apply(change, 'asked-again', terms.now, { attempts: change.tenant.attempts + 1 });
  const request = goal === 'ready' ? requestFor(asked.tenant) : releaseFor(asked.tenant);
  return changed(asked, request, reminderOf(asked.tenant, goal, terms));
}

const giveUp: Record<Goal, (change: TenantChange<OrderedTenant>, terms: Terms) => Outcome<TenantChange>> = {
  ready(change, { now }) {
    const { lastFailure } = change.tenant;
    const lastWords = lastFailure ? `; it last said: ${lastFailure}` : '';
    return failTenant(change, `The product did not make the tenant in time${lastWords}`, now);
  },
  released(change, { now }) {
    const reason = 'The product did not confirm in time that it took the tenant back';
    const unreleased = apply(change, 'unreleased', now, { state: 'unreleased', waitingSince: null }, reason);
    return changed(unreleased, failureOf(change.tenant, reason));
  },
};
