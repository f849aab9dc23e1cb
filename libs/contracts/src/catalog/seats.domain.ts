import { findPlan } from './catalog';
import type { Catalog, CatalogPlan } from './catalog.schema';
import { accepted, called, refused, unknownOffer, type JudgedSubscription, type Judgement, type OfferedPlans } from './judgement';

export interface SeatLimits {
  readonly min: number | null;
  readonly max: number | null;
}

/**
 * Whether a subscription may go to another number of seats. A change towards the limits is never refused, also where it does not reach
 * them: who has 150 seats of a plan that is limited to 100 by now may go to 120.
 *
 * @param offered what Microsoft offers to this subscription. It counts for a private offer alone, whose limits beat those of the catalog
 */
export function judgeSeats(catalog: Catalog, subscription: JudgedSubscription, targetQuantity: number, offered?: OfferedPlans): Judgement {
  const found = findPlan(catalog, subscription);
  if (!found) return unknownOffer(subscription);
  const { planId, quantity } = subscription;
  const { min, max } = seatLimitsOf(subscription, planId, found.plan, offered);
  const name = called(planId, found.plan);
  if (max !== null && targetQuantity > max && targetQuantity > (quantity ?? 0))
    return refused(`${name} has at most ${seats(max)}, and ${targetQuantity} were asked for. Please choose ${max} or fewer.`);
  if (min !== null && targetQuantity < min && targetQuantity < (quantity ?? Infinity))
    return refused(`${name} has at least ${seats(min)}, and ${targetQuantity} were asked for. Please choose ${min} or more.`);
  return accepted;
}

/**
 * The limits of a plan for this subscription. Those of a private offer were agreed with its customer: the catalog's do not hold for it, and
 * where it is not known what Microsoft offers, none do, since Microsoft itself keeps them.
 */
export function seatLimitsOf(
  { privateOfferId }: Pick<JudgedSubscription, 'privateOfferId'>,
  planId: string,
  plan: CatalogPlan,
  offered: OfferedPlans = [],
): SeatLimits {
  if (privateOfferId === null) return { min: plan.seats?.min ?? null, max: plan.seats?.max ?? null };
  const agreed = offered.find((one) => one.planId === planId);
  return { min: agreed?.minQuantity ?? null, max: agreed?.maxQuantity ?? null };
}

export const seats = (count: number): string => (count === 1 ? '1 seat' : `${count} seats`);
