import type { Person } from '@landfall/contracts';
import { mayManage } from './person.domain';
import { awaitsConfirmation } from './purchase.domain';
import type { Purchase, SeenSubscription, UnresolvedReason } from './purchase.state';

/** Where a set-up stands, in the customer's words. */
export type SetupStep = 'confirmed' | 'approval' | 'tenant' | 'activating';

/** What the purchase page shows (contract 5.5). `state` is also the page's `data-state`. */
export type PurchasePage =
  | { readonly state: 'opening'; readonly isSlow: boolean }
  | { readonly state: 'unresolved'; readonly reason: UnresolvedReason }
  | { readonly state: 'forbidden' }
  | { readonly state: 'form' | 'active' | 'suspended' | 'cancelled'; readonly subscription: SeenSubscription }
  | { readonly state: 'setting-up'; readonly subscription: SeenSubscription; readonly step: SetupStep; readonly isSlow: boolean };

/** After this the page says that it takes longer than usual, and that nothing has to be done. */
export const SLOW_OPENING_MS = 30_000;
export const SLOW_SETUP_MS = 120_000;

/** Nothing of a subscription is shown before it is clear that the person may see it. */
export function pageOf(purchase: Purchase, subscription: SeenSubscription | undefined, person: Person, nowMs: number): PurchasePage {
  if (purchase.unresolvedBecause) return { state: 'unresolved', reason: purchase.unresolvedBecause };
  if (!purchase.subscriptionId || !subscription) return { state: 'opening', isSlow: isOlder(purchase.openedAt, SLOW_OPENING_MS, nowMs) };
  if (!mayManage(person, subscription)) return { state: 'forbidden' };
  if (subscription.status === 'Unsubscribed') return { state: 'cancelled', subscription };
  if (subscription.status === 'Suspended') return { state: 'suspended', subscription };
  if (subscription.access === 'full') return { state: 'active', subscription };
  if (awaitsConfirmation(subscription)) return { state: 'form', subscription };
  const isSlow = subscription.confirmedAt !== null && isOlder(subscription.confirmedAt, SLOW_SETUP_MS, nowMs);
  return { state: 'setting-up', subscription, step: stepOf(subscription), isSlow };
}

function stepOf({ stage }: SeenSubscription): SetupStep {
  switch (stage) {
    case 'awaiting-customer':
      return 'confirmed';
    case 'awaiting-approval':
      return 'approval';
    case 'provisioning':
      return 'tenant';
    case 'activating':
    case 'done':
      return 'activating';
  }
}

const isOlder = (since: string, limitMs: number, nowMs: number): boolean => nowMs - Date.parse(since) > limitMs;
