import type { Action, Operation } from '../operation/operation';
import type { Subscription } from '../subscription/subscription';
import { timeStampOf } from '../time/clock';
import type { SubscriptionTimeline } from './timeline.generator';
import { termAt } from './term.at';

/** Who bought, and for whom. */
export interface Parties {
  name: string;
  beneficiaryId: string;
  purchaserId: string;
}

/** What a subscription has from its purchase on, besides what its life story tells. */
export type Purchase = Parties & Pick<Subscription, 'id' | 'position'> & Partial<Subscription>;

/** A subscription as it was from an instant on, and the operation that told of it. */
export interface TimelineState {
  atMs: number;
  subscription: Subscription;
  action: Action | null;
}

/** The states of a subscription that still matter, the present one last: usage of yesterday may have been before a suspension or a cancellation. */
export function statesOf(story: SubscriptionTimeline, purchase: Purchase, nowMs: number): TimelineState[] {
  const chapters = [beginningOf(story, purchaseOf(story, purchase), nowMs)];
  const turn = (atMs: number, change: Partial<Subscription>, action: Action) =>
    chapters.push({
      atMs,
      action,
      subscription: { ...(chapters.at(-1) as TimelineState).subscription, ...change, lastModified: timeStampOf(atMs) },
    });
  if (story.suspendedMs !== null) turn(story.suspendedMs, { status: 'Suspended', suspendedAt: timeStampOf(story.suspendedMs) }, 'Suspend');
  if (story.endedMs !== null) turn(story.endedMs, { status: 'Unsubscribed' }, 'Unsubscribe');
  return chapters;
}

/** The operation of a chapter, which was told and is over (contract 4.2). */
export function operationOf({ subscription, action, atMs }: TimelineState, idOf: (action: Action) => string): Operation | undefined {
  if (!action) return undefined;
  return {
    id: idOf(action),
    subscriptionId: subscription.id,
    action,
    requestSource: 'Azure',
    status: 'Succeeded',
    planId: subscription.planId,
    quantity: subscription.quantity,
    timeStamp: timeStampOf(atMs),
    reverts: null,
    deliveredAtMs: null,
    settledBy: 'microsoft',
    settledAt: timeStampOf(atMs),
    errorStatusCode: '',
    errorMessage: '',
  };
}

function purchaseOf(story: SubscriptionTimeline, purchase: Purchase): Subscription {
  const created = timeStampOf(story.createdMs);
  return {
    offerId: story.offer.offerId,
    planId: story.plan.planId,
    quantity: story.quantity,
    status: 'PendingFulfillmentStart',
    termUnit: story.termUnit,
    term: null,
    autoRenew: story.autoRenew,
    isFreeTrial: story.isFreeTrial,
    channel: story.channel,
    created,
    lastModified: created,
    activateCalls: 0,
    pendingOperationId: null,
    ...purchase,
  };
}

/** The last term that was paid, or the purchase where none was. */
function beginningOf(
  { plan, termUnit, isFreeTrial, createdMs, activatedMs, ...story }: SubscriptionTimeline,
  purchase: Subscription,
  nowMs: number,
): TimelineState {
  if (activatedMs === null) return { atMs: createdMs, subscription: purchase, action: null };
  const lastPaidMs = Math.min(nowMs, story.suspendedMs ?? nowMs, story.endedMs === null ? nowMs : Math.max(activatedMs, story.endedMs - 1));
  const { term, number, startMs } = termAt(activatedMs, isFreeTrial ? 'P1M' : termUnit, lastPaidMs);
  const atMs = number === 0 ? activatedMs : startMs;
  const terms = { anchorDay: new Date(activatedMs).getUTCDate(), ...(number === 0 ? {} : { renewedAt: timeStampOf(startMs) }) };
  const active = { status: 'Subscribed' as const, term, activateCalls: plan.isAutoActivated ? 0 : 1, lastModified: timeStampOf(atMs) };
  return { atMs, subscription: { ...purchase, ...active, ...terms }, action: number === 0 ? null : 'Renew' };
}
