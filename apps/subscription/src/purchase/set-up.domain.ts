import {
  activate,
  isPending,
  provisioningRequested,
  subscriptionProvisioned,
  subscriptionUpdated,
  type activationFailed,
  type MessageOf,
  type tenantProvisioned,
  type tenantProvisioningFailed,
} from '@landfall/contracts';
import { ignored, notYet, type Outcome } from '@landfall/messaging';
import { announceAccess } from '../subscription/change.domain';
import { apply, awaitedIn, emit, outcomeOf, set, type Subscription, type SubscriptionChange } from '../subscription/subscription';

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
  { time, data }: MessageOf<typeof activationFailed>,
): Outcome<SubscriptionChange> => recordFailure(current, `activation failed: ${data.reason}`, time);

export const recordFailedProvisioning = (
  current: SubscriptionChange | undefined,
  { time, data }: MessageOf<typeof tenantProvisioningFailed>,
): Outcome<SubscriptionChange> => recordFailure(current, `provisioning failed: ${data.reason}`, time);

/** Provisioning has taken a tenant back that came after the end; the record knows the end. */
export const ignoreTakenBackTenant = (): Outcome<SubscriptionChange> => ignored('the subscription had ended before');

/**
 * A set-up that does not go on by itself stays where it is, with the reason, until an operator acts or the customer comes again (rule 10). That it has failed is
 * public, so that the page can say so; the reason is not.
 */
function recordFailure(current: SubscriptionChange | undefined, failureReason: string, observedAt: string): Outcome<SubscriptionChange> {
  if (!current) return notYet('the subscription is not registered yet');
  const { status, stage } = current.subscription;
  if (status === 'Unsubscribed' || stage === 'done') return ignored('the set-up has ended meanwhile');
  if (current.subscription.failureReason !== null) return outcomeOf(set(current, { failureReason }));
  return outcomeOf(apply(current, { failureReason }, subscriptionUpdated, { source: 'landing', effectiveAt: null, observedAt }));
}

/** The customer has come again: what failed is tried once more, from where it failed. */
export function restartFailed(current: SubscriptionChange, observedAt: string): SubscriptionChange {
  const { failureReason, status, stage } = current.subscription;
  const awaited = awaitedIn[stage];
  if (failureReason === null || (awaited !== 'tenant' && !(awaited === 'activation' && isPending(status)))) return current;
  const restarted = apply(current, { failureReason: null }, subscriptionUpdated, { source: 'landing', effectiveAt: null, observedAt });
  const request = awaited === 'tenant' ? requestTenant : requestActivation;
  return emit(restarted, request(restarted.subscription));
}

export function requestTenant(subscription: Subscription) {
  const { id, version, publisherId, offerId, isPreview, planId, quantity, status, beneficiary, purchaser } = subscription;
  const bought = { publisherId, offerId, isPreview, planId, quantity, status, beneficiary, purchaser };
  return provisioningRequested({ subscriptionId: id, version, ...bought });
}

const requestActivation = ({ id, planId, quantity, version }: Subscription) => activate({ subscriptionId: id, planId, quantity, version });
