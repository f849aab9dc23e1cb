import { isWithin, type Offer, type Plan, type TermUnit } from '../offers/offer';
import type { Channel } from '../subscription/subscription';
import { termAt } from './term.at';
import type { BulkRequest } from './bulk.request';
import type { SeededGenerator } from './seeded.generator';
import { graceMs, type PurchaseTime } from './purchase.times';

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** What can be bought: a plan, and the offer that it is in. */
export interface OfferedPlan {
  offer: Offer;
  plan: Plan;
}

/** A subscription from its purchase to its present state; null is what has not happened. Instants in milliseconds. */
export interface SubscriptionTimeline extends OfferedPlan {
  quantity: number | null;
  termUnit: TermUnit;
  channel: Channel;
  customer: number;
  /** Which of the customer's people has bought. */
  person: number;
  autoRenew: boolean;
  isFreeTrial: boolean;
  createdMs: number;
  activatedMs: number | null;
  suspendedMs: number | null;
  endedMs: number | null;
}

/** Seats are sold by the handful, whatever a plan allows. */
const mostSeatsSold = 500;

/** What chance and the request make of one purchase. */
export function timelineOf(
  request: BulkRequest,
  wares: readonly OfferedPlan[],
  { kind, createdMs }: PurchaseTime,
  nowMs: number,
  dice: SeededGenerator,
): SubscriptionTimeline {
  const ware = dice.pick(wares);
  const story: SubscriptionTimeline = {
    ...ware,
    quantity: quantityOf(ware.plan, dice),
    termUnit: termUnitOf(ware.plan, request, dice),
    channel: dice.isBelow(request.cspShare) && !ware.plan.isPrivate ? 'csp' : 'direct',
    customer: Math.floor(dice.next() * tenantsOf(request)),
    person: Math.floor(dice.next() * 12),
    autoRenew: !dice.isBelow(request.endingShare),
    isFreeTrial: false,
    createdMs,
    activatedMs: null,
    suspendedMs: null,
    endedMs: null,
  };
  const activatedMs = ware.plan.isAutoActivated ? createdMs : createdMs + Math.min(activationDelayMs(dice), (nowMs - createdMs) / 2);
  switch (kind) {
    case 'pending':
      return story;
    case 'subscribed':
      return { ...story, activatedMs, isFreeTrial: isInTrial(story, activatedMs, nowMs) && dice.isBelow(request.trialShare) };
    case 'suspended':
      return { ...story, activatedMs, suspendedMs: dice.between(Math.max(activatedMs, nowMs - graceMs + dayMs), nowMs) };
    case 'unsubscribed':
      return { ...story, ...ending(story, activatedMs, nowMs, dice) };
  }
}

export function tenantsOf({ tenants, count }: BulkRequest): number {
  return tenants ?? Math.max(1, Math.ceil(count / 20));
}

/** Within minutes mostly, within three days nearly always. */
function activationDelayMs(dice: SeededGenerator): number {
  return Math.round(minuteMs + 3 * dayMs * dice.next() ** 4);
}

function quantityOf({ seats }: Plan, dice: SeededGenerator): number | null {
  if (!seats) return null;
  const wanted = dice.wholeNumber(seats.min, Math.max(seats.min, mostSeatsSold));
  return isWithin(seats, wanted) ? wanted : (seats.max as number);
}

function termUnitOf({ billingTerms }: Plan, { terms }: BulkRequest, dice: SeededGenerator): TermUnit {
  const sold = [...new Set(billingTerms.map(({ termUnit }) => termUnit))];
  const weights = sold.map((termUnit) => [termUnit, terms[termUnit] ?? 0] as const);
  return weights.some(([, weight]) => weight > 0) ? dice.pickByWeight(weights) : dice.pick(sold);
}

function isInTrial({ plan, channel }: SubscriptionTimeline, activatedMs: number, nowMs: number): boolean {
  return plan.hasFreeTrials && channel === 'direct' && termAt(activatedMs, 'P1M', nowMs).number === 0;
}

/** How it came to its end: cancelled, not renewed, not paid, or never activated. What would not be over by now gives way to a cancellation. */
function ending(story: SubscriptionTimeline, activatedMs: number, nowMs: number, dice: SeededGenerator): Partial<SubscriptionTimeline> {
  const way = dice.pickByWeight([
    ['cancelled', 55],
    ['not-renewed', 20],
    ['unpaid', 10],
    ['never-activated', 15],
  ]);
  const cancelled = { activatedMs, endedMs: dice.between(activatedMs, nowMs) };
  switch (way) {
    case 'cancelled':
      return cancelled;
    case 'not-renewed': {
      const terms = termAt(activatedMs, story.termUnit, nowMs);
      if (terms.number === 0) return cancelled;
      const last = termAt(activatedMs, story.termUnit, dice.between(activatedMs, terms.startMs - 1));
      return { activatedMs, endedMs: last.endMs, autoRenew: false };
    }
    case 'unpaid': {
      const latestMs = nowMs - graceMs;
      if (activatedMs >= latestMs) return cancelled;
      const suspendedMs = dice.between(activatedMs, latestMs);
      return { activatedMs, suspendedMs, endedMs: suspendedMs + graceMs };
    }
    case 'never-activated': {
      if (story.plan.isAutoActivated) return cancelled;
      const deadlineMs = story.createdMs + graceMs;
      return { endedMs: deadlineMs <= nowMs ? deadlineMs : dice.between(story.createdMs, nowMs) };
    }
  }
}
