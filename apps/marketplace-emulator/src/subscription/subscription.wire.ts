import type { Marketplace } from '../marketplace';
import type { Person } from '../people/person';
import type { Subscription } from './subscription';

type Parties = Pick<Marketplace, 'people' | 'catalogue'>;

/** The subscription as the REST API shows it (contract 3.2): no quantity at a flat rate, no term dates before activation, `lastModified` empty. */
export function subscriptionInRest(subscription: Subscription, parties: Parties) {
  return {
    ...shared(subscription, parties),
    ...(subscription.quantity === null ? {} : { quantity: subscription.quantity }),
    term: { ...subscription.term, termUnit: subscription.termUnit },
    lastModified: '0001-01-01T00:00:00',
  };
}

/** The subscription as a webhook carries it (contract 4.3): quantity null at a flat rate, `chargeDuration` there, `lastModified` filled. */
export function subscriptionInWebhook(subscription: Subscription, parties: Parties) {
  return {
    ...shared(subscription, parties),
    quantity: subscription.quantity,
    term: { ...subscription.term, termUnit: subscription.termUnit, chargeDuration: null },
    lastModified: subscription.lastModified,
  };
}

/** What the beneficiary may do; the customer of a reseller may only look (contract 1.2). */
export function allowedCustomerOperations(subscription: Subscription): string[] {
  return subscription.channel === 'csp' ? ['Read'] : ['Delete', 'Update', 'Read'];
}

function shared(subscription: Subscription, { people, catalogue }: Parties) {
  return {
    id: subscription.id,
    publisherId: catalogue.offerOf(subscription).publisherId,
    offerId: subscription.offerId,
    name: subscription.name,
    saasSubscriptionStatus: subscription.status,
    beneficiary: party(people.get(subscription.beneficiaryId)),
    purchaser: party(people.get(subscription.purchaserId)),
    planId: subscription.planId,
    autoRenew: subscription.autoRenew,
    isTest: false,
    isFreeTrial: false,
    allowedCustomerOperations: allowedCustomerOperations(subscription),
    sandboxType: 'None',
    created: subscription.created,
    sessionMode: 'None',
  };
}

function party(person: Person | undefined) {
  return {
    emailId: person?.userPrincipalName ?? '',
    objectId: person?.id ?? '',
    tenantId: person?.tenantId ?? '',
    puid: person?.puid ?? null,
  };
}
