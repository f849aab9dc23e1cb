import type { PlanOnOffer, Snapshot } from '../shapes';

/**
 * What the rules of the catalog say of a change.
 *
 * - `accepted`: no rule is against it
 * - `refused`: one is, and `reason` tells it in words for the customer's administrator
 * - `unknown`: the catalog does not name the offer or the plan, so it has nothing to say. Such a subscription is mirrored and never acted
 *   upon: one app registration may serve other systems as well (rule 6). `reason` is for an operator
 */
export type Judgement =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };

/** The subscription that is to change, as it is now. */
export type JudgedSubscription = Pick<Snapshot, 'publisherId' | 'offerId' | 'isPreview' | 'planId' | 'quantity' | 'privateOfferId'>;

/** The plans that Microsoft offers to this subscription, with their seat limits (contract 3.7). */
export type OfferedPlans = readonly Pick<PlanOnOffer, 'planId' | 'minQuantity' | 'maxQuantity'>[];

export const accepted: Judgement = { kind: 'accepted' };
export const refused = (reason: string): Judgement => ({ kind: 'refused', reason });

export const unknownOffer = ({ publisherId, offerId, planId }: JudgedSubscription): Judgement => ({
  kind: 'unknown',
  reason: `the catalog does not name plan ${planId} of offer ${offerId} of publisher ${publisherId}`,
});

/** How a plan is called towards people. */
export const called = (planId: string, plan: { displayName?: string | undefined } | undefined): string =>
  `“${plan?.displayName ?? planId}”`;
