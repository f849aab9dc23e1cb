import type { Person, Stage } from '@landfall/contracts';
import type { SubscriptionProjection } from '../projection/projection';
import { awaitsConfirmation } from './confirmation.domain';
import { isUnnamed, mayManage } from './person.domain';
import type { Purchase, UnresolvedReason } from './purchase';

/** Where a set-up stands, in the customer's words. */
export type SetupStep = 'confirmed' | 'approval' | 'tenant' | 'activating';

/** How long the customer has been waiting: nothing unusual, longer than usual, or for more than it can take; or they wait for a set-up that has failed. */
export type Delay = 'none' | 'slow' | 'overdue' | 'failed';

/** What becomes of a rejected purchase: Microsoft is asked to cancel it, it could not be cancelled, it was started all the same, or it is cancelled. */
export type RejectionStep = 'cancelling' | 'failed' | 'billed' | 'cancelled';

/** What the purchase page shows (contract 5.5). `state` is also the page's `data-state`. */
export type PurchasePage =
  | { readonly state: 'opening'; readonly delay: Delay }
  | { readonly state: 'unresolved'; readonly reason: UnresolvedReason }
  | { readonly state: 'forbidden' }
  | { readonly state: 'form' | 'active' | 'suspended' | 'cancelled'; readonly subscription: SubscriptionProjection }
  | { readonly state: 'rejected'; readonly subscription: SubscriptionProjection; readonly rejection: RejectionStep }
  | { readonly state: 'setting-up'; readonly subscription: SubscriptionProjection; readonly step: SetupStep; readonly delay: Delay };

/**
 * After this the page says that it takes longer than usual, and that nothing has to be done. After the longer ones it waits no more and says
 * what to do: fulfillment asks Microsoft for ten minutes, an activation has a day.
 */
export const SLOW_OPENING_MS = 30_000;
export const OPENING_LIMIT_MS = 15 * 60_000;
export const SLOW_SETUP_MS = 120_000;
export const SETUP_LIMIT_MS = 25 * 3_600_000;

/** What is being done in each stage of a set-up that was confirmed. */
const stepAt: Record<Exclude<Stage, 'rejected'>, SetupStep> = {
  'awaiting-customer': 'confirmed',
  'awaiting-approval': 'approval',
  provisioning: 'tenant',
  activating: 'activating',
  done: 'activating',
};

/** Nothing of a subscription is shown before it is clear that the person may see it. */
export function pageOf(purchase: Purchase, subscription: SubscriptionProjection | undefined, person: Person, nowMs: number): PurchasePage {
  if (purchase.unresolvedReason) return { state: 'unresolved', reason: purchase.unresolvedReason };
  if (!purchase.subscriptionId || !subscription) return openingPage(purchase, nowMs);
  if (!mayManage(person, subscription)) return isUnnamed(subscription) ? openingPage(purchase, nowMs) : { state: 'forbidden' };
  if (subscription.stage === 'rejected') return { state: 'rejected', subscription, rejection: rejectionOf(subscription) };
  if (subscription.status === 'Unsubscribed') return { state: 'cancelled', subscription };
  if (subscription.status === 'Suspended') return { state: 'suspended', subscription };
  if (subscription.access === 'full') return { state: 'active', subscription };
  if (awaitsConfirmation(subscription)) return { state: 'form', subscription };
  const limitMs = subscription.stage === 'awaiting-approval' ? Number.POSITIVE_INFINITY : SETUP_LIMIT_MS; // a person here takes their time
  const waited = subscription.confirmedAt === null ? 'none' : delayOf(subscription.confirmedAt, SLOW_SETUP_MS, limitMs, nowMs);
  return { state: 'setting-up', subscription, step: stepAt[subscription.stage], delay: subscription.hasSetUpFailed ? 'failed' : waited };
}

function rejectionOf({ status, hasSetUpFailed }: SubscriptionProjection): RejectionStep {
  if (status === 'Unsubscribed') return 'cancelled';
  if (status === 'Subscribed' || status === 'Suspended') return 'billed';
  return hasSetUpFailed ? 'failed' : 'cancelling';
}

/** Microsoft has not said yet what was bought, or by whom. */
function openingPage({ openedAt }: Purchase, nowMs: number): PurchasePage {
  const delay = delayOf(openedAt, SLOW_OPENING_MS, OPENING_LIMIT_MS, nowMs);
  return delay === 'overdue' ? { state: 'unresolved', reason: 'not-answered' } : { state: 'opening', delay };
}

function delayOf(since: string, slowMs: number, limitMs: number, nowMs: number): Delay {
  const waitedMs = nowMs - Date.parse(since);
  return waitedMs > limitMs ? 'overdue' : waitedMs > slowMs ? 'slow' : 'none';
}
