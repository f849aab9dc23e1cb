import { z } from 'zod';
import type { Person, ResolvedPurchase, Subscription, SubscriptionPage, Term, UnreadableItem } from './answer.types';
import { firstFault } from './decode';
import { day, flag, guid, instant, list, part, readGuid, seats, text, textOrNull } from './lenient';

const previewSuffix = '-preview';

const person = part({ tenantId: text, objectId: text, emailId: text }).transform(({ tenantId, objectId, emailId }): Person => {
  const identity = { tenantId: tenantId.toLowerCase(), objectId: objectId.toLowerCase() };
  return emailId ? { ...identity, emailId } : identity;
});

/** Absent until somebody has bought a term; an object with nothing in it counts as absent. */
const term = part({ termUnit: text, startDate: day, endDate: day, chargeDuration: textOrNull }).transform((raw): Term | null => {
  const isEmpty = !raw.termUnit && !raw.startDate && !raw.endDate && !raw.chargeDuration;
  return isEmpty ? null : raw;
});

/** Only the id may be relied on (contract 3.2, openapi `Subscription`). */
export const subscription = z
  .object({
    id: guid,
    publisherId: text,
    offerId: text,
    name: text,
    saasSubscriptionStatus: text,
    beneficiary: person,
    purchaser: person,
    planId: text,
    quantity: seats,
    term,
    autoRenew: flag(true),
    isFreeTrial: flag(false),
    allowedCustomerOperations: list(text),
    created: instant,
  })
  .transform(({ saasSubscriptionStatus, offerId, allowedCustomerOperations, ...same }): Subscription => {
    const isPreview = offerId.endsWith(previewSuffix) && offerId !== previewSuffix;
    return {
      ...same,
      status: saasSubscriptionStatus,
      offerId: isPreview ? offerId.slice(0, -previewSuffix.length) : offerId,
      offerIdRaw: offerId,
      isPreview,
      allowedCustomerOperations: allowedCustomerOperations.filter((operation) => operation !== ''),
    };
  });

export const resolvedPurchase = z
  .object({ id: guid, subscriptionName: text, planId: text, quantity: seats, subscription })
  .transform((raw): ResolvedPurchase => ({
    subscriptionId: raw.id,
    subscriptionName: raw.subscriptionName || raw.subscription.name,
    planId: raw.planId || raw.subscription.planId,
    quantity: raw.quantity ?? raw.subscription.quantity,
    subscription: raw.subscription,
  }));

/** No subscriptions: empty body, `{}` or an empty list. Last page: the link absent, null or '' (contract 3.5). */
export const subscriptionPage = part({ subscriptions: list(z.unknown()), '@nextLink': textOrNull }).transform((raw) => {
  const subscriptions: Subscription[] = [];
  const unreadable: UnreadableItem[] = [];
  for (const item of raw.subscriptions) {
    const result = subscription.safeParse(item);
    if (result.success) subscriptions.push(result.data);
    else unreadable.push({ id: readGuid((item as { id?: unknown } | null)?.id) ?? null, field: firstFault(result.error).field });
  }
  return { page: { subscriptions, unreadable } satisfies SubscriptionPage, nextLink: raw['@nextLink'] };
});
