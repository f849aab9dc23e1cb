import type { BillingTerm, Plan } from '../offers/offer';
import type { PrivateOffer, Subscription } from './subscription';

type Agreed = Pick<Subscription, 'privateOffer' | 'termUnit'>;

/**
 * What the private offer takes off the list price of a term that begins then, in per cent. It is for its own plan alone, and ends at its
 * expiry: what renews by itself after that does so at list price (contract 1.2). The API shows none of it.
 */
export function discountOf(subscription: Pick<Subscription, 'privateOffer'>, planId: string, termStartMs: number): number {
  return inForce(subscription, planId, termStartMs)?.discountPercent ?? 0;
}

/**
 * A plan as it is sold to this subscription in a term that begins then: with the fee, the prices of what is metered and the included
 * quantities that a private offer has agreed for the term that was bought. Without any it is the plan itself.
 */
export function agreedPlan(plan: Plan, subscription: Agreed, termStartMs: number): Plan {
  const offer = inForce(subscription, plan.planId, termStartMs);
  if (!offer || (offer.price === undefined && !offer.meteringDimensions && !offer.meteredQuantityIncluded)) return plan;
  return {
    ...plan,
    billingTerms: plan.billingTerms.map((term) => (term.termUnit === subscription.termUnit ? agreedTerm(term, offer) : term)),
    meteringDimensions: plan.meteringDimensions.map((dimension) => ({
      ...dimension,
      ...offer.meteringDimensions?.find(({ id }) => id === dimension.id),
    })),
  };
}

function agreedTerm(term: BillingTerm, { price, meteredQuantityIncluded: agreed = [] }: PrivateOffer): BillingTerm {
  const others = (term.meteredQuantityIncluded ?? []).filter(
    (listed) => !agreed.some(({ dimensionId }) => dimensionId === listed.dimensionId),
  );
  const included = [...others, ...agreed];
  return {
    ...term,
    ...(price === undefined ? {} : { price }),
    ...(included.length > 0 ? { meteredQuantityIncluded: included } : {}),
  };
}

function inForce({ privateOffer }: Pick<Subscription, 'privateOffer'>, planId: string, termStartMs: number): PrivateOffer | undefined {
  if (privateOffer?.planId !== planId) return undefined;
  const hasExpired = privateOffer.expiresAt !== undefined && Date.parse(privateOffer.expiresAt) <= termStartMs;
  return hasExpired ? undefined : privateOffer;
}
