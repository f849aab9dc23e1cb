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

/** Generates the timeline of one purchase as the request asks for. */
export function timelineOf(
  request: BulkRequest,
  offeredPlans: readonly OfferedPlan[],
  { kind, createdMs }: PurchaseTime,
  nowMs: number,
  generator: SeededGenerator,
): SubscriptionTimeline {
  const offeredPlan = generator.pick(offeredPlans);
  const timeline: SubscriptionTimeline = {
    ...offeredPlan,
    quantity: quantityOf(offeredPlan.plan, generator),
    termUnit: termUnitOf(offeredPlan.plan, request, generator),
    channel: generator.isBelow(request.cspShare) && !offeredPlan.plan.isPrivate ? 'csp' : 'direct',
    customer: Math.floor(generator.next() * tenantsOf(request)),
    person: Math.floor(generator.next() * 12),
    autoRenew: !generator.isBelow(request.endingShare),
    isFreeTrial: false,
    createdMs,
    activatedMs: null,
    suspendedMs: null,
    endedMs: null,
  };
  const activatedMs = offeredPlan.plan.isAutoActivated
    ? createdMs
    : createdMs + Math.min(activationDelayMs(generator), (nowMs - createdMs) / 2);
  switch (kind) {
    case 'pending':
      return timeline;
    case 'subscribed':
      return { ...timeline, activatedMs, isFreeTrial: isInTrial(timeline, activatedMs, nowMs) && generator.isBelow(request.trialShare) };
    case 'suspended':
      return { ...timeline, activatedMs, suspendedMs: generator.between(Math.max(activatedMs, nowMs - graceMs + dayMs), nowMs) };
    case 'unsubscribed':
      return { ...timeline, ...ending(timeline, activatedMs, nowMs, generator) };
  }
}

export function tenantsOf({ tenants, count }: BulkRequest): number {
  return tenants ?? Math.max(1, Math.ceil(count / 20));
}

/** Within minutes mostly, within three days nearly always. */
function activationDelayMs(generator: SeededGenerator): number {
  return Math.round(minuteMs + 3 * dayMs * generator.next() ** 4);
}

function quantityOf({ seats }: Plan, generator: SeededGenerator): number | null {
  if (!seats) return null;
  const wanted = generator.wholeNumber(seats.min, Math.max(seats.min, mostSeatsSold));
  return isWithin(seats, wanted) ? wanted : (seats.max as number);
}

function termUnitOf({ billingTerms }: Plan, { terms }: BulkRequest, generator: SeededGenerator): TermUnit {
  const sold = [...new Set(billingTerms.map(({ termUnit }) => termUnit))];
  const weights = sold.map((termUnit) => [termUnit, terms[termUnit] ?? 0] as const);
  return weights.some(([, weight]) => weight > 0) ? generator.pickByWeight(weights) : generator.pick(sold);
}

function isInTrial({ plan, channel }: SubscriptionTimeline, activatedMs: number, nowMs: number): boolean {
  return plan.hasFreeTrials && channel === 'direct' && termAt(activatedMs, 'P1M', nowMs).number === 0;
}

/** How it ended: cancelled, not renewed, not paid, or never activated. What would not be over by now gives way to a cancellation. */
function ending(
  timeline: SubscriptionTimeline,
  activatedMs: number,
  nowMs: number,
  generator: SeededGenerator,
): Partial<SubscriptionTimeline> {
  const way = generator.pickByWeight([
    ['cancelled', 55],
    ['not-renewed', 20],
    ['unpaid', 10],
    ['never-activated', 15],
  ]);
  const cancelled = { activatedMs, endedMs: generator.between(activatedMs, nowMs) };
  switch (way) {
    case 'cancelled':
      return cancelled;
    case 'not-renewed': {
      const terms = termAt(activatedMs, timeline.termUnit, nowMs);
      if (terms.number === 0) return cancelled;
      const last = termAt(activatedMs, timeline.termUnit, generator.between(activatedMs, terms.startMs - 1));
      return { activatedMs, endedMs: last.endMs, autoRenew: false };
    }
    case 'unpaid': {
      const latestMs = nowMs - graceMs;
      if (activatedMs >= latestMs) return cancelled;
      const suspendedMs = generator.between(activatedMs, latestMs);
      return { activatedMs, suspendedMs, endedMs: suspendedMs + graceMs };
    }
    case 'never-activated': {
      if (timeline.plan.isAutoActivated) return cancelled;
      const deadlineMs = timeline.createdMs + graceMs;
      return { endedMs: deadlineMs <= nowMs ? deadlineMs : generator.between(timeline.createdMs, nowMs) };
    }
  }
}
