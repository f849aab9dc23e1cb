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

/** What a subscription has from its purchase on, besides what is in its timeline. */
export type Purchase = Parties & Pick<Subscription, 'id' | 'position'> & Partial<Subscription>;

/** A subscription as it was from an instant on, and the operation that announced it. */
export interface TimelineState {
  atMs: number;
  subscription: Subscription;
  action: Action | null;
}

/**
 * The states of a subscription that still matter, the present one last: usage of yesterday may have been before a suspension or a
 * cancellation.
 */
export function statesOf(timeline: SubscriptionTimeline, purchase: Purchase, nowMs: number): TimelineState[] {
  const states = [beginningOf(timeline, purchaseOf(timeline, purchase), nowMs)];
  const change = (atMs: number, members: Partial<Subscription>, action: Action) =>
    states.push({
      atMs,
      action,
      subscription: { ...(states.at(-1) as TimelineState).subscription, ...members, lastModified: timeStampOf(atMs) },
    });
  if (timeline.suspendedMs !== null)
    change(timeline.suspendedMs, { status: 'Suspended', suspendedAt: timeStampOf(timeline.suspendedMs) }, 'Suspend');
  if (timeline.endedMs !== null) change(timeline.endedMs, { status: 'Unsubscribed' }, 'Unsubscribe');
  return states;
}

/** The operation of a state, which was announced and has ended (contract 4.2). */
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

function purchaseOf(timeline: SubscriptionTimeline, purchase: Purchase): Subscription {
  const created = timeStampOf(timeline.createdMs);
  return {
    offerId: timeline.offer.offerId,
    planId: timeline.plan.planId,
    quantity: timeline.quantity,
    status: 'PendingFulfillmentStart',
    termUnit: timeline.termUnit,
    term: null,
    autoRenew: timeline.autoRenew,
    isFreeTrial: timeline.isFreeTrial,
    channel: timeline.channel,
    created,
    lastModified: created,
    activateCalls: 0,
    pendingOperationId: null,
    ...purchase,
  };
}

/** The last term that was paid, or the purchase where none was. */
function beginningOf(
  { plan, termUnit, isFreeTrial, createdMs, activatedMs, ...timeline }: SubscriptionTimeline,
  purchase: Subscription,
  nowMs: number,
): TimelineState {
  if (activatedMs === null) return { atMs: createdMs, subscription: purchase, action: null };
  const lastPaidMs = Math.min(
    nowMs,
    timeline.suspendedMs ?? nowMs,
    timeline.endedMs === null ? nowMs : Math.max(activatedMs, timeline.endedMs - 1),
  );
  const { term, number, startMs } = termAt(activatedMs, isFreeTrial ? 'P1M' : termUnit, lastPaidMs);
  const atMs = number === 0 ? activatedMs : startMs;
  const terms = { anchorDay: new Date(activatedMs).getUTCDate(), ...(number === 0 ? {} : { renewedAt: timeStampOf(startMs) }) };
  const active = { status: 'Subscribed' as const, term, activateCalls: plan.isAutoActivated ? 0 : 1, lastModified: timeStampOf(atMs) };
  return { atMs, subscription: { ...purchase, ...active, ...terms }, action: number === 0 ? null : 'Renew' };
}
