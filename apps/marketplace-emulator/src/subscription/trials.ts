import type { People } from '../people/people';
import { consumerTenantId, type Person } from '../people/person';
import type { SubscriptionRepository } from './subscription.repository';

/**
 * Whether a customer has had its free month of an offer: after any paid period there is no further trial, and a cancelled trial cannot be
 * restarted (contract 1.5). One that was never activated has cost nothing and counts for nothing. Looks at all subscriptions.
 */
export function hasUsedTrial(offerId: string, customer: Person, subscriptions: SubscriptionRepository, people: People): boolean {
  return subscriptions.some((subscription) => {
    if (subscription.offerId !== offerId || subscription.term === null) return false;
    if (subscription.isFreeTrial && subscription.status !== 'Unsubscribed') return false;
    const earlier = people.get(subscription.beneficiaryId);
    return earlier !== undefined && isSameCustomer(earlier, customer);
  });
}

/** A tenant is one customer; the consumer tenant holds everybody who has a personal account. */
function isSameCustomer(one: Person, other: Person): boolean {
  return one.tenantId === consumerTenantId ? one.id === other.id : one.tenantId === other.tenantId;
}
