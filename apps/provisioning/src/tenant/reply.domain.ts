import {
  asReason,
  tenantProvisioningFailed,
  tenantTakenBack,
  type MessageOf,
  type tenantFailed,
  type tenantReady,
  type tenantReleased,
} from '@landfall/contracts';
import { changed, ignored, type Outcome } from '@landfall/messaging';
import { adapters } from '../adapter/adapters';
import { takenBackReason } from '../adapter/kafka.adapter';
import { overtakenReminder } from '../reminder/reminder.job';
import { provisionedAnswer } from './request.domain';
import { apply, orderedOf, reactions, set, type OrderedTenant, type Tenant, type TenantChange, type Terms } from './tenant';

/** The product says that the tenant is ready. After a failure it is still welcome; after the end the tenant is taken back (again). */
export function acceptTenant(
  change: TenantChange | undefined,
  { data }: MessageOf<typeof tenantReady>,
  terms: Terms,
): Outcome<TenantChange> {
  return answered(change, data.requestId, (ordered) => {
    const { tenantReference } = data;
    switch (reactions[ordered.tenant.state].ready) {
      case 'ignore':
        return ignored(changesNothing);
      case 'take-back':
        return adapters[ordered.tenant.order.adapter].takeBack(set(ordered, { tenantReference }), terms);
      case 'accept': {
        const ready = apply(ordered, 'ready', terms.now, { state: 'ready', tenantReference, waitingSince: null, lastFailure: null });
        return changed(
          ready,
          provisionedAnswer(ready.tenant),
          overtakenReminder('ready', ready.tenant.subscriptionId, 'the product has answered'),
        );
      }
    }
  });
}

/** The product could not make the tenant: for now, and the reminder asks again when it is due, or for good. */
export function recordFailure(
  change: TenantChange | undefined,
  { data }: MessageOf<typeof tenantFailed>,
  { now }: Terms,
): Outcome<TenantChange> {
  return answered(change, data.requestId, (ordered) => {
    if (reactions[ordered.tenant.state].failed === 'ignore') return ignored(noTenantAwaited);
    if (!data.isRetriable) return failTenant(ordered, data.reason, now);
    return changed(apply(ordered, 'retriable-failure', now, { lastFailure: data.reason }, data.reason));
  });
}

/** The product has taken the tenant back. */
export function acceptRelease(
  change: TenantChange | undefined,
  { data }: MessageOf<typeof tenantReleased>,
  { now }: Terms,
): Outcome<TenantChange> {
  return answered(change, data.requestId, (ordered) => {
    if (reactions[ordered.tenant.state].released === 'ignore') return ignored(noReleaseAwaited);
    const released = apply(ordered, 'released', now, { state: 'released', waitingSince: null });
    const { subscriptionId } = ordered.tenant;
    return changed(
      released,
      tenantTakenBack({ subscriptionId, reason: takenBackReason }),
      overtakenReminder('released', subscriptionId, 'the product has taken the tenant back'),
    );
  });
}

/** The tenant can't be made, and nobody tries again by itself. */
export function failTenant(change: TenantChange<OrderedTenant>, reason: string, now: Date): Outcome<TenantChange> {
  const failed = apply(change, 'failed', now, { state: 'failed', waitingSince: null, lastFailure: reason }, reason);
  return changed(failed, failureOf(change.tenant, reason));
}

/** Tells the subscription service that an operator is needed. */
export const failureOf = ({ subscriptionId, version }: Tenant, reason: string) =>
  tenantProvisioningFailed({ subscriptionId, version, reason: asReason(reason) });

const changesNothing = 'it changes nothing any more';
const noTenantAwaited = 'no tenant is being waited for';
const noReleaseAwaited = 'no release is being waited for';
const unasked = 'no tenant was asked for';
const otherRequest = 'it answers another request';
/** Why an answer is dropped that a product should not have given. */
export const fitsNoRequest: ReadonlySet<string> = new Set([unasked, otherRequest]);
/** Why an answer changes nothing. */
export const reasonsToIgnore: readonly string[] = [changesNothing, noTenantAwaited, noReleaseAwaited, ...fitsNoRequest];

/** Products are not ours: an answer that fits no order of ours is dropped with a reason. */
function answered(
  change: TenantChange | undefined,
  requestId: string,
  decide: (ordered: TenantChange<OrderedTenant>) => Outcome<TenantChange>,
): Outcome<TenantChange> {
  const ordered = orderedOf(change);
  if (!ordered) return ignored(unasked);
  return ordered.tenant.order.requestId === requestId ? decide(ordered) : ignored(otherRequest);
}
