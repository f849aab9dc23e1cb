import { judgePlanMove, judgeSeats, type Catalog, type Judgement } from '@landfall/contracts';
import { remark, type Subscription, type SubscriptionChange } from '../subscription/subscription';
import { isChange, targetOf, type Decision, type Operation } from './operation';

/** What is decided about an operation, and what is to be told beside that. */
export interface Judged {
  readonly decision: Decision;
  /** Why nobody judged a change of an offer or plan that the catalog does not name. */
  readonly notNamed?: string;
}

export const accepted: Decision = { verdict: 'accepted', reason: null, decidedBy: null };

/**
 * Judges an operation that Microsoft shows as open, against the record as it is now. Only ChangePlan and ChangeQuantity can be refused, and only by a rule of
 * the catalog (rule 7); what the catalog does not name is mirrored and never acted upon (rule 6).
 */
export function judge({ subscription }: SubscriptionChange, operation: Operation, catalog: Catalog): Judged {
  if (!isToBeJudged(subscription, operation)) return { decision: accepted };
  const judgement = judgementOf(subscription, operation, catalog);
  switch (judgement.kind) {
    case 'unknown':
      return { decision: accepted, notNamed: judgement.reason };
    case 'refused':
      return { decision: { verdict: 'refused', reason: judgement.reason, decidedBy: 'catalog' } };
    case 'accepted':
      return { decision: { ...accepted, decidedBy: 'catalog' } };
  }
}

/**
 * Before any rule these are accepted: what is no change; our own request; one that names no target; Microsoft's revert of a change that was refused, and
 * whatever else changes nothing; seats of a flat-rate subscription, which has none (rule 1); and what comes after the end (rule 3).
 */
function isToBeJudged(subscription: Subscription, operation: Operation): boolean {
  const target = targetOf(operation);
  if (!isChange(operation) || operation.source === 'Partner' || operation.isRevert || target === undefined) return false;
  if (subscription.status === 'Unsubscribed') return false;
  const current = operation.action === 'ChangePlan' ? subscription.planId : subscription.quantity;
  return current !== null && current !== target;
}

const judgementOf = (subscription: Subscription, { action, planId, quantity }: Operation, catalog: Catalog): Judgement =>
  action === 'ChangePlan' ? judgePlanMove(catalog, subscription, planId!) : judgeSeats(catalog, subscription, quantity!);

/** An operation in words for operators. */
export const inWords = ({ action, operationId, planId, quantity }: Operation): string =>
  `${action} to ${planId ?? quantity ?? 'nothing that is named'} (operation ${operationId})`;

/** Tells that nobody judged a change: an operator may have forgotten an offer or a plan in the catalog. */
export const noteNotNamed = (change: SubscriptionChange, operation: Operation, { notNamed }: Judged): SubscriptionChange =>
  notNamed ? remark(change, { kind: 'not-named', words: `${inWords(operation)} was accepted without being judged: ${notNamed}` }) : change;
