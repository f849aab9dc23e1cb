import { planOf, type Offer, type Plan } from './offer';

/**
 * What cannot be changed of an offer once it is published (contract 1.4), each as a sentence. An offer counts as published from its first
 * subscription on, so that one can try things out before.
 */
export function whatPublishingForbids(before: Offer, after: Offer, heldPlans: ReadonlySet<string>): string[] {
  if (heldPlans.size === 0) return [];
  const pricing = before.pricing === after.pricing ? [] : [`Its pricing is ${before.pricing} and stays so.`];
  const removed = [...heldPlans].filter((planId) => planOf(before, planId) && !planOf(after, planId));
  const held = removed.map((planId) => `Plan ${planId} has subscriptions and cannot be taken away; withdraw it from sale by isStopSell.`);
  const changed = before.plans.flatMap((plan) => forbiddenIn(plan, planOf(after, plan.planId)));
  const reasons = [...pricing, ...held, ...changed];
  return reasons.length === 0 ? [] : [`Offer ${before.offerId} has subscriptions, so it is published (contract 1.4).`, ...reasons];
}

function forbiddenIn(before: Plan, after: Plan | undefined): string[] {
  if (!after) return [];
  const reasons: string[] = [];
  if (!before.isPrivate && after.isPrivate) reasons.push(`Plan ${before.planId} is public and cannot become private.`);
  if (before.hasFreeTrials && !after.hasFreeTrials) reasons.push(`The free trial of plan ${before.planId} cannot be switched off.`);
  const sold = after.billingTerms.map(({ termUnit }) => termUnit);
  const removed = before.billingTerms.map(({ termUnit }) => termUnit).filter((termUnit) => !sold.includes(termUnit));
  if (removed.length > 0) reasons.push(`Plan ${before.planId} is sold for ${removed.join(', ')}, and a term cannot be removed.`);
  return reasons;
}
