import { findOffer, judgePlanMove, judgeSeats, type Catalog, type CatalogOffer, type Judgement } from '@landfall/contracts';
import type { Subscription, SubscriptionChange } from '../subscription/subscription';
import { isChange, targetOf, type Decision, type Operation } from './operation';

/** The endpoint of a product that has a say in changes, and what holds where it is silent. */
export type Veto = NonNullable<CatalogOffer['veto']>;

/** What the catalog says of an operation: a decision, or that the product has a say in it. */
export type Judged =
  | {
      readonly kind: 'decided';
      readonly decision: Decision;
      /** Why nobody judged a change of an offer or plan that the catalog does not name, and in which no product has a say. */
      readonly notNamed?: string;
    }
  | { readonly kind: 'asks'; readonly veto: Veto };

export const accepted: Decision = { verdict: 'accepted', reason: null, decidedBy: null };

/**
 * Judges an operation against the record as it is now. Only ChangePlan and ChangeQuantity can be refused, and only by a rule of the catalog or by the product,
 * which is asked where no rule is against it (rule 7); what the catalog does not name is mirrored and never acted upon (rule 6). The product has a say in its
 * whole offer: it is asked also about a plan that the catalog does not name, since its rules say nothing of that.
 */
export function judge(change: SubscriptionChange, operation: Operation, catalog: Catalog): Judged {
  if (!mayBeRefused(change, operation)) return { kind: 'decided', decision: accepted };
  const { subscription } = change;
  const judgement = judgementOf(subscription, operation, catalog);
  if (judgement.kind === 'refused')
    return { kind: 'decided', decision: { verdict: 'refused', reason: judgement.reason, decidedBy: 'catalog' } };
  const veto = findOffer(catalog, subscription)?.veto;
  if (veto) return { kind: 'asks', veto };
  if (judgement.kind === 'unknown') return { kind: 'decided', decision: accepted, notNamed: judgement.reason };
  return { kind: 'decided', decision: { ...accepted, decidedBy: 'catalog' } };
}

/**
 * Before any rule these are accepted: what is no change; our own request; one that names no target; Microsoft's revert of a change that was refused, and
 * whatever else changes nothing; seats of a flat-rate subscription, which has none (rule 1); and what comes after the end (rule 3).
 */
export function mayBeRefused(change: SubscriptionChange, operation: Operation): boolean {
  const { subscription } = change;
  const target = targetOf(operation);
  if (!isChange(operation) || operation.source === 'Partner' || target === undefined || takesBack(change, operation)) return false;
  if (subscription.status === 'Unsubscribed') return false;
  const current = operation.action === 'ChangePlan' ? subscription.planId : subscription.quantity;
  return current !== null && current !== target;
}

/** That the payload calls it a revert is a hint, and its copy of the subscription may be old (rule 1): there has to be a refusal that it takes back. */
const takesBack = ({ operations }: SubscriptionChange, { isRevert, action }: Operation): boolean =>
  isRevert && operations.some((other) => other.action === action && other.verdict === 'refused');

const judgementOf = (subscription: Subscription, { action, planId, quantity }: Operation, catalog: Catalog): Judgement =>
  action === 'ChangePlan' ? judgePlanMove(catalog, subscription, planId!) : judgeSeats(catalog, subscription, quantity!);

/** An operation in words for operators. */
export const inWords = ({ action, operationId, planId, quantity }: Operation): string =>
  `${action} to ${planId ?? quantity ?? 'nothing that is named'} (operation ${operationId})`;
