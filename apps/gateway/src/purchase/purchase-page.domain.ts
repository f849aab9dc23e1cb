import type { Person, Stage } from '@landfall/contracts';
import type { SubscriptionProjection } from '../projection/projection';
import { awaitsConfirmation } from './confirmation.domain';
import { mayManage } from './person.domain';
import type { Purchase, UnresolvedReason } from './purchase';

/** Where a set-up stands, in the customer's words. */
export type SetupStep = 'confirmed' | 'approval' | 'tenant' | 'activating';

/** What the purchase page shows (contract 5.5). `state` is also the page's `data-state`. */
export type PurchasePage =
  | { readonly state: 'opening'; readonly isSlow: boolean }
  | { readonly state: 'unresolved'; readonly reason: UnresolvedReason }
  | { readonly state: 'forbidden' }
  | { readonly state: 'form' | 'active' | 'suspended' | 'cancelled'; readonly subscription: SubscriptionProjection }
  | { readonly state: 'setting-up'; readonly subscription: SubscriptionProjection; readonly step: SetupStep; readonly isSlow: boolean };

/** After this the page says that it takes longer than usual, and that nothing has to be done. */
export const SLOW_OPENING_MS = 30_000;
export const SLOW_SETUP_MS = 120_000;

/** What is being done in each stage of a set-up that was confirmed. */
const stepAt: Record<Stage, SetupStep> = {
  'awaiting-customer': 'confirmed',
  'awaiting-approval': 'approval',
  provisioning: 'tenant',
  activating: 'activating',
  done: 'activating',
};

/** Nothing of a subscription is shown before it is clear that the person may see it. */
export function pageOf(purchase: Purchase, subscription: SubscriptionProjection | undefined, person: Person, nowMs: number): PurchasePage {
  if (purchase.unresolvedReason) return { state: 'unresolved', reason: purchase.unresolvedReason };
  if (!purchase.subscriptionId || !subscription) return { state: 'opening', isSlow: isOlder(purchase.openedAt, SLOW_OPENING_MS, nowMs) };
  if (!mayManage(person, subscription)) return { state: 'forbidden' };
  if (subscription.status === 'Unsubscribed') return { state: 'cancelled', subscription };
  if (subscription.status === 'Suspended') return { state: 'suspended', subscription };
  if (subscription.access === 'full') return { state: 'active', subscription };
  if (awaitsConfirmation(subscription)) return { state: 'form', subscription };
  const isSlow = subscription.confirmedAt !== null && isOlder(subscription.confirmedAt, SLOW_SETUP_MS, nowMs);
  return { state: 'setting-up', subscription, step: stepAt[subscription.stage], isSlow };
}

const isOlder = (since: string, limitMs: number, nowMs: number): boolean => nowMs - Date.parse(since) > limitMs;
