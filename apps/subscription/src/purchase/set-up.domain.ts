import {
  activate,
  subscriptionProvisioned,
  type activationFailed,
  type MessageOf,
  type tenantProvisioned,
  type tenantProvisioningFailed,
} from '@landfall/contracts';
import { ignored, notYet, type Outcome } from '@landfall/messaging';
import { announceAccess } from '../subscription/change.domain';
import {
  apply,
  awaitedIn,
  emit,
  isPending,
  outcomeOf,
  set,
  type Subscription,
  type SubscriptionChange,
} from '../subscription/subscription';

/** The tenant works: only now may Microsoft begin to bill. A subscription that Microsoft activated by itself is complete with its tenant. */
export function acceptTenant(
  current: SubscriptionChange | undefined,
  { time, data: { tenantReference } }: MessageOf<typeof tenantProvisioned>,
): Outcome<SubscriptionChange> {
  if (!current) return notYet('the subscription is not registered yet');
  const { status, stage } = current.subscription;
  if (status === 'Unsubscribed') return ignored('the subscription has ended; provisioning takes the tenant back (rule 3)');
  if (awaitedIn[stage] !== 'tenant') return ignored('the tenant was there before');
  const cause = { source: 'landing', effectiveAt: null, observedAt: time } as const;
  const isUnbilled = isPending(status);
  const patch = { stage: isUnbilled ? 'activating' : 'done', tenantReference, failureReason: null } as const;
  const provisioned = apply(current, patch, subscriptionProvisioned, cause, () => ({ tenantReference }));
  if (isUnbilled) return outcomeOf(emit(provisioned, requestActivation(provisioned.subscription)));
  return outcomeOf(announceAccess(provisioned, cause));
}

export const recordFailedActivation = (
  current: SubscriptionChange | undefined,
  { data }: MessageOf<typeof activationFailed>,
): Outcome<SubscriptionChange> => recordFailure(current, `activation failed: ${data.reason}`);

export const recordFailedProvisioning = (
  current: SubscriptionChange | undefined,
  { data }: MessageOf<typeof tenantProvisioningFailed>,
): Outcome<SubscriptionChange> => recordFailure(current, `provisioning failed: ${data.reason}`);

/** Provisioning has taken a tenant back that came after the end; the record knows the end. */
export const ignoreTakenBackTenant = (): Outcome<SubscriptionChange> => ignored('the subscription had ended before');

/** A set-up that does not go on by itself stays where it is, with the reason, until an operator acts (rule 10). */
function recordFailure(current: SubscriptionChange | undefined, failureReason: string): Outcome<SubscriptionChange> {
  if (!current) return notYet('the subscription is not registered yet');
  const { status, stage } = current.subscription;
  if (status === 'Unsubscribed' || stage === 'done') return ignored('the set-up has ended meanwhile');
  return outcomeOf(set(current, { failureReason }));
}

const requestActivation = ({ id, planId, quantity, version }: Subscription) => activate({ subscriptionId: id, planId, quantity, version });
