import { operationDecided, subscriptionChangeRefused, type Catalog } from '@landfall/contracts';
import { causeOf } from '../subscription/explanation.domain';
import { apply, emit, keepOperation, remark, type SubscriptionChange } from '../subscription/subscription';
import { accepted, inWords, judge, noteNotNamed } from './judgement.domain';
import type { Decision, Operation } from './operation';

/** Decides about an open operation, and answers: whoever holds Microsoft's webhook waits for that. */
export function decideOpen(change: SubscriptionChange, operation: Operation, catalog: Catalog): SubscriptionChange {
  const judged = judge(change, operation, catalog);
  return noteNotNamed(withVerdict(change, operation, judged.decision), operation, judged);
}

/**
 * Microsoft had ended an operation before we saw it. Nothing is refused that is over; where a rule has something against it, Microsoft has decided before us.
 * Judged against the record from before it.
 */
export function decideEnded(change: SubscriptionChange, operation: Operation, catalog: Catalog): SubscriptionChange {
  const { decision } = judge(change, operation, catalog);
  const decided = withVerdict(change, operation, accepted);
  if (decision.verdict === 'accepted') return decided;
  const words = `Microsoft ended ${inWords(operation)} as ${operation.status} before we could refuse it: ${decision.reason}`;
  return remark(decided, { kind: 'ended-before-verdict', words });
}

/** Keeps the verdict with the operation, and says it once. */
export function withVerdict(change: SubscriptionChange, operation: Operation, decision: Decision): SubscriptionChange {
  const { id: subscriptionId, version } = change.subscription;
  const { operationId, action } = operation;
  const { verdict, reason } = decision;
  return emit(
    keepOperation(change, { ...operation, ...decision }),
    operationDecided({ subscriptionId, operationId, action, verdict, reason, version }),
  );
}

/** A refusal is public when Microsoft says that the operation has failed, and not before: it may do what we refused (rule 8). */
export function publishRefusal(change: SubscriptionChange, operation: Operation, date: string): SubscriptionChange {
  const { verdict, reason, action, planId, quantity } = operation;
  if (verdict !== 'refused') return change;
  return apply(change, {}, subscriptionChangeRefused, causeOf(operation, date), () => ({
    refused: { action, planId, quantity },
    reason: reason!,
  }));
}

/** Microsoft has done what we refused (rule 8). */
export function noteOverruled(change: SubscriptionChange, operation: Operation): SubscriptionChange {
  const { verdict, decidedBy, reason } = operation;
  if (verdict !== 'refused') return change;
  const words = `Microsoft did ${inWords(operation)} although it was refused (by ${decidedBy}: ${reason})`;
  return remark(change, { kind: 'overruled', words });
}
