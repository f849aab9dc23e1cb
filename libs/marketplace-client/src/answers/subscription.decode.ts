import { z } from 'zod';
import type { ResolvedPurchase, Subscription, SubscriptionPage, UnreadableItem } from './answer.types';
import { firstFault } from './decode';
import {
  day,
  flagOrNull,
  guid,
  instant,
  list,
  part,
  readGuid,
  said,
  saidOrNull,
  seats,
  shownTextOrNull,
  text,
  textOrNull,
} from './lenient';

const previewSuffix = '-preview';

const idOfPerson = textOrNull.transform((id) => id?.toLowerCase() ?? null);
const person = part({ tenantId: idOfPerson, objectId: idOfPerson, emailId: shownTextOrNull }).transform(saidOrNull);

/** Absent until somebody has bought a term; an object with nothing in it counts as absent. */
const term = part({ termUnit: textOrNull, startDate: day, endDate: day, chargeDuration: textOrNull }).transform(saidOrNull);

/** Nobody was ever shown a list without an entry: it counts as left out. */
const customerOperations = list(text).transform((operations) => {
  const named = operations.filter((operation) => operation !== '');
  return named.length > 0 ? named : null;
});

/** Only the id may be relied on (contract 3.2, openapi `Subscription`). */
export const subscription = z
  .object({
    id: guid,
    publisherId: textOrNull,
    offerId: textOrNull,
    name: shownTextOrNull,
    saasSubscriptionStatus: textOrNull,
    beneficiary: person,
    purchaser: person,
    planId: textOrNull,
    quantity: seats,
    term,
    autoRenew: flagOrNull,
    isFreeTrial: flagOrNull,
    allowedCustomerOperations: customerOperations,
    created: instant,
  })
  .transform(({ id, saasSubscriptionStatus, offerId, ...same }): Subscription => {
    return { id, ...said({ ...same, status: saasSubscriptionStatus }), ...(offerId === null ? {} : offerOf(offerId)) };
  });

function offerOf(offerIdRaw: string) {
  const isPreview = offerIdRaw.endsWith(previewSuffix) && offerIdRaw !== previewSuffix;
  return { offerId: isPreview ? offerIdRaw.slice(0, -previewSuffix.length) : offerIdRaw, offerIdRaw, isPreview };
}

/** What Resolve leaves out above it is taken from the inner subscription. */
export const resolvedPurchase = z
  .object({ id: guid, subscriptionName: shownTextOrNull, planId: textOrNull, quantity: seats, subscription })
  .transform(({ id, subscription: inner, ...outer }): ResolvedPurchase => ({
    subscriptionId: id,
    ...said({
      subscriptionName: outer.subscriptionName ?? inner.name ?? null,
      planId: outer.planId ?? inner.planId ?? null,
      quantity: outer.quantity ?? inner.quantity ?? null,
    }),
    subscription: inner,
  }));

/**
 * No subscriptions: empty body, `{}` or an empty list. Last page: the link absent, null or '' (contract 3.5). A bare list is all there is: so other emulators of
 * the API send it, and their operations (contract 9.3).
 */
export const subscriptionPage = z
  .unknown()
  .transform((raw) => (Array.isArray(raw) ? { subscriptions: raw as unknown[] } : raw))
  .pipe(part({ subscriptions: list(z.unknown()), '@nextLink': textOrNull }))
  .transform((raw) => {
    const subscriptions: Subscription[] = [];
    const unreadable: UnreadableItem[] = [];
    for (const item of raw.subscriptions) {
      const result = subscription.safeParse(item);
      if (result.success) subscriptions.push(result.data);
      else unreadable.push({ id: readGuid((item as { id?: unknown } | null)?.id) ?? null, field: firstFault(result.error).field });
    }
    return { page: { subscriptions, unreadable } satisfies SubscriptionPage, nextLink: raw['@nextLink'] };
  });
