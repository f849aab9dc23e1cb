import type { Catalogue } from '../offers/catalogue';
import type { Payment } from '../offers/offer';
import type { People } from '../people/people';
import type { Person } from '../people/person';
import { partyMembers, type PartyMember, type Subscription } from './subscription';

/** Where the people and the offer are looked up that a subscription names by their ids. */
export interface Parties {
  people: People;
  catalogue: Catalogue;
}

/** How a term is paid, as an ISO 8601 duration. Null: at once, at its beginning (contract 1.4). */
const chargeDurations: Record<Payment, string | null> = { upfront: null, monthly: 'P1M', annual: 'P1Y' };

/**
 * The subscription as the REST API shows it (contract 3.2): no quantity at a flat rate, no term dates before activation, `lastModified`
 * empty.
 */
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
    term: { ...subscription.term, termUnit: subscription.termUnit, chargeDuration: chargeDurationOf(subscription, parties) },
    lastModified: subscription.lastModified,
  };
}

/** Purchases of a preview show the offer's id with an ending (contract 3.2). */
export function shownOfferId({ offerId, isPreview }: Subscription): string {
  return isPreview ? `${offerId}-preview` : offerId;
}

export function chargeDurationOf(subscription: Subscription, { catalogue }: Pick<Parties, 'catalogue'>): string | null {
  const term = catalogue.planOf(subscription).billingTerms.find(({ termUnit }) => termUnit === subscription.termUnit);
  return chargeDurations[term?.payment ?? 'upfront'];
}

/** What the beneficiary may do; the customer of a reseller may only look (contract 1.2). */
export function allowedCustomerOperations(subscription: Subscription): string[] {
  return subscription.channel === 'csp' ? ['Read'] : ['Delete', 'Update', 'Read'];
}

function shared(subscription: Subscription, { people, catalogue }: Parties) {
  return {
    id: subscription.id,
    publisherId: catalogue.offerOf(subscription).publisherId,
    offerId: shownOfferId(subscription),
    name: subscription.name,
    saasSubscriptionStatus: subscription.status,
    beneficiary: party('beneficiary', people.get(subscription.beneficiaryId), subscription),
    purchaser: party('purchaser', people.get(subscription.purchaserId), subscription),
    planId: subscription.planId,
    autoRenew: subscription.autoRenew,
    isTest: subscription.isTest ?? false,
    isFreeTrial: subscription.isFreeTrial,
    allowedCustomerOperations: allowedCustomerOperations(subscription),
    sandboxType: subscription.sandboxType ?? 'None',
    created: subscription.created,
    sessionMode: subscription.sessionMode ?? 'None',
  };
}

function party(role: 'beneficiary' | 'purchaser', person: Person | undefined, { missing = [], empty = [] }: Subscription) {
  const whole: Record<(typeof partyMembers)[number], string | null> = {
    emailId: person?.userPrincipalName ?? '',
    objectId: person?.id ?? '',
    tenantId: person?.tenantId ?? '',
    puid: person?.puid ?? null,
  };
  const has = (member: (typeof partyMembers)[number], among: PartyMember[]) => among.includes(`${role}.${member}`);
  const shown = partyMembers.filter((member) => !has(member, missing)).map((member) => [member, has(member, empty) ? '' : whole[member]]);
  return Object.fromEntries(shown) as Partial<typeof whole>;
}
