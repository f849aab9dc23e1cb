import { cut, planTextLengths, type PlanOnOffer } from '@landfall/contracts';

/**
 * What a message may hold of the plans on offer. An offer may have 100 plans with descriptions of 3,000 characters (contract 1.4): more than a
 * message holds, while the page shows some words of one of them.
 */
export const PLANS_LIMIT = 100;
export const PLANS_LIMIT_BYTES = 256 * 1024;
const PRICES_LIMIT = 20;

interface BoundedPlans {
  readonly plans: PlanOnOffer[];
  /** Whether plans were left out. */
  readonly arePlansCut: boolean;
}

/** The plans with their texts cut, the bought one first, as many as a message bears. */
export function boundPlans(all: readonly PlanOnOffer[], boughtPlanId: string | null | undefined): BoundedPlans {
  const ordered = [...all.filter(({ planId }) => planId === boughtPlanId), ...all.filter(({ planId }) => planId !== boughtPlanId)];
  const plans: PlanOnOffer[] = [];
  let bytes = 0;
  for (const plan of ordered.slice(0, PLANS_LIMIT).map(shortened)) {
    bytes += Buffer.byteLength(JSON.stringify(plan));
    if (bytes > PLANS_LIMIT_BYTES) break;
    plans.push(plan);
  }
  return { plans, arePlansCut: plans.length < all.length };
}

function shortened({ planId, displayName, description, prices, ...rest }: PlanOnOffer): PlanOnOffer {
  return {
    ...rest,
    planId: cut(planId, planTextLengths.word),
    displayName: cut(displayName, planTextLengths.name),
    description: cut(description, planTextLengths.description),
    prices: prices.slice(0, PRICES_LIMIT).map(({ termUnit, price, currency }) => ({
      ...{
        termUnit: cut(termUnit, planTextLengths.word),
        price: cut(price, planTextLengths.word),
        currency: cut(currency, planTextLengths.word),
      },
    })),
  };
}
