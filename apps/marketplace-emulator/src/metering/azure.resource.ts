import { createHash } from 'node:crypto';
import type { People } from '../people/people';
import type { Subscription } from '../subscription/subscription';

/** The Azure subscription in which the purchase lies: one for each purchasing tenant, always the same. */
export function azureSubscriptionIdOf(subscription: Subscription, { people }: { people: Pick<People, 'get'> }): string {
  const tenantId = people.get(subscription.purchaserId)?.tenantId ?? '';
  const digits = createHash('sha256').update(`azure-subscription:${tenantId}`).digest('hex');
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}

/** The Azure resource that stands for the subscription, as live replies name it (contract 6.2). */
export function resourceUriOf(subscription: Subscription, parties: { people: Pick<People, 'get'> }): string {
  const group = `/subscriptions/${azureSubscriptionIdOf(subscription, parties)}/resourceGroups/saas`;
  return `${group}/providers/Microsoft.SaaS/resources/${subscription.offerId}_${subscription.id}`;
}

/**
 * The subscription's id in a path that `resourceUriOf` could have made. Whether it is the path of that subscription, the caller has to
 * check.
 */
export function subscriptionIdIn(resourceUri: string): string | undefined {
  return /_([0-9a-f-]{36})$/i.exec(resourceUri)?.[1];
}
