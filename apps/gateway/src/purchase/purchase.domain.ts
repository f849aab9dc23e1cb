import {
  purchaseConfirmed,
  purchaseOpened,
  type MessageOf,
  type Person,
  type purchaseRegistered,
  type purchaseUnresolved,
  type subscriptionEvents,
} from '@landfall/contracts';
import { changed, ignored, refused, type Outcome } from '@landfall/messaging';
import { mayManage } from './person.domain';
import type { Landing, Purchase, SeenSubscription } from './purchase.state';

/** The purchase is opened by the first signed-in visit, once: the token goes to fulfillment and is forgotten here. */
export function open(landing: Landing | undefined, person: Person, openedAt: string): Outcome<Landing> {
  if (!landing) return refused('there is no such landing');
  const { purchaseId, registration, encryptedToken } = landing;
  if (encryptedToken === null) return ignored('it was opened before');
  const opened = { ...landing, encryptedToken: null, openedAt, openedBy: person };
  return changed(opened, purchaseOpened({ purchaseId, registration, encryptedToken, person, openedAt }));
}

export interface Confirmation {
  readonly purchaseId: string;
  readonly person: Person;
  readonly encryptedContact: string;
  readonly answers: Record<string, string>;
  readonly confirmedAt: string;
}

/** The customer says yes. It counts once per subscription: a second click, tab or colleague changes nothing. */
export function confirm(seen: SeenSubscription | undefined, confirmation: Confirmation): Outcome<SeenSubscription> {
  if (!seen) return refused('the purchase is not registered');
  if (!mayManage(confirmation.person, seen)) return refused('this person may not confirm the purchase');
  if (!awaitsConfirmation(seen)) return ignored('there is nothing to confirm');
  const { purchaseId, confirmedAt } = confirmation;
  const confirmed = { ...seen, confirmedAt, confirmedPurchaseId: purchaseId };
  return changed(confirmed, purchaseConfirmed({ ...confirmation, subscriptionId: seen.subscriptionId }));
}

/** Suspended and ended subscriptions are not confirmed; one that Microsoft activated by itself is. */
export function awaitsConfirmation({ status, stage, confirmedAt }: SeenSubscription): boolean {
  const isOpen = status === 'PendingFulfillmentStart' || status === 'NotStarted' || status === 'Subscribed';
  return isOpen && stage === 'awaiting-customer' && confirmedAt === null;
}

/** The purchase is known now: the page can show what it is, and to whom. */
export function register(seen: SeenSubscription | undefined, { data }: MessageOf<typeof purchaseRegistered>): Outcome<SeenSubscription> {
  const { purchaseId, plans, ...facts } = data;
  const arrivals = [...(seen?.arrivals ?? []), { purchaseId, plans }];
  return changed({ ...newer(seen, facts), arrivals });
}

/** Keeps the newest state of a subscription. Two topics may be read in any order, so only the version counts. */
export function follow(seen: SeenSubscription | undefined, { data }: MessageOf<typeof subscriptionEvents>): Outcome<SeenSubscription> {
  if (seen && seen.version >= data.version) return ignored('something newer was seen');
  return changed(newer(seen, { ...data, termUnit: data.term?.termUnit ?? null }));
}

/** The token led nowhere. What is registered already stays so. */
export function giveUp(purchase: Purchase | undefined, { data }: MessageOf<typeof purchaseUnresolved>): Outcome<Purchase> {
  if (!purchase) return ignored('it is kept no longer'); // a purchase is written together with the message that asks for it
  if (purchase.subscriptionId) return ignored('it is registered');
  return changed({ ...purchase, unresolvedBecause: data.reason });
}

type Facts = Omit<SeenSubscription, 'confirmedAt' | 'confirmedPurchaseId' | 'arrivals'>;

function newer(seen: SeenSubscription | undefined, facts: Facts): SeenSubscription {
  if (seen && seen.version > facts.version) return seen;
  const { subscriptionId, version, offerId, planId, quantity, termUnit, status, stage, access, beneficiary, purchaser } = facts;
  return {
    ...{ subscriptionId, version, offerId, planId, quantity, termUnit, status, stage, access, beneficiary, purchaser },
    confirmedAt: seen?.confirmedAt ?? null,
    confirmedPurchaseId: seen?.confirmedPurchaseId ?? null,
    arrivals: seen?.arrivals ?? [],
  };
}
