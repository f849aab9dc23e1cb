import { findPlan } from './catalog';
import type { Catalog, CatalogOffer } from './catalog.schema';
import { accepted, called, refused, unknownOffer, type JudgedSubscription, type Judgement, type OfferedPlans } from './judgement';
import { seatLimitsOf, seats } from './seats.domain';

/**
 * Whether a subscription may go to another plan: whether its plan may be changed to that one at all, whether it would be a step down, and
 * whether its seats are within what the other plan has. To stay with the plan is no move and always accepted.
 *
 * @param offered what Microsoft offers to this subscription. It counts for a private offer alone, whose seat limits beat those of the
 * catalog
 */
export function judgePlanMove(catalog: Catalog, subscription: JudgedSubscription, targetPlanId: string, offered?: OfferedPlans): Judgement {
  const from = findPlan(catalog, subscription);
  if (!from) return unknownOffer(subscription);
  if (targetPlanId === subscription.planId) return accepted;
  const target = { ...subscription, planId: targetPlanId };
  const to = findPlan(catalog, target);
  const [fromName, toName] = [called(subscription.planId, from.plan), called(targetPlanId, to?.plan)];

  if (from.plan.mayMoveTo && !from.plan.mayMoveTo.includes(targetPlanId))
    return refused(`A change from ${fromName} to ${toName} is not possible. Please choose another plan, or contact us.`);
  if (!to) return unknownOffer(target);
  if (isDowngrade(from.offer, subscription.planId, targetPlanId))
    return refused(
      `A change from ${fromName} down to ${toName} is not possible. Please keep your plan, choose a higher one, or contact us.`,
    );
  return judgeSeatsThere(toName, subscription.quantity, seatLimitsOf(subscription, targetPlanId, to.plan, offered));
}

function isDowngrade({ noDowngrade = [] }: CatalogOffer, planId: string, targetPlanId: string): boolean {
  const to = noDowngrade.indexOf(targetPlanId);
  return to >= 0 && to < noDowngrade.indexOf(planId);
}

/** A flat-rate subscription has no seats that could be too many or too few. */
function judgeSeatsThere(planName: string, quantity: number | null, { min, max }: ReturnType<typeof seatLimitsOf>): Judgement {
  if (quantity !== null && max !== null && quantity > max)
    return refused(`${planName} has at most ${seats(max)}, and the subscription has ${quantity}. Please reduce the number of seats first.`);
  if (quantity !== null && min !== null && quantity < min)
    return refused(`${planName} has at least ${seats(min)}, and the subscription has ${quantity}. Please add seats first.`);
  return accepted;
}
