import { operationDecided, subscriptionChangeRefused, type Catalog } from '@landfall/contracts';
import { causeOf } from '../subscription/explanation.domain';
import { stateOf } from '../subscription/member';
import { apply, emit, keepOperation, withRemarks, type SubscriptionChange } from '../subscription/subscription';
import { askProduct } from '../veto/veto.job';
import { accepted, inWords, judge, mayBeRefused, type Judged } from './judgement.domain';
import { isUndecided, memberOf, operationKey, type Decision, type Operation } from './operation';
import type { Remark } from './remark';

/**
 * Decides about an open operation and answers, since whoever holds Microsoft's webhook waits for that; or asks the product first. While it is asked about one
 * change, later ones of the subscription wait for their turn, in order. Facts never wait (rule 5).
 */
export function decideOpen(change: SubscriptionChange, operation: Operation, catalog: Catalog): SubscriptionChange {
  const judged = judge(change, operation, catalog);
  const isBehindAnother =
    mayBeRefused(change, operation) && change.operations.some((other) => isUndecided(other) && !isSame(other, operation));
  if (judged.kind === 'decided' && !isBehindAnother) return withJudgement(change, operation, judged);
  const { operationId, action } = operation;
  return emit(change, askProduct({ subscriptionId: change.subscription.id, operationId, action }));
}

const isSame = (one: Operation, other: Operation): boolean => operationKey(one) === operationKey(other);

/** Keeps and says what the catalog alone decides. */
export function withJudgement(change: SubscriptionChange, operation: Operation, judged: Judged & { kind: 'decided' }): SubscriptionChange {
  const decided = withVerdict(change, operation, judged.decision);
  if (!judged.notNamed) return decided;
  return withRemarks(decided, { kind: 'not-named', words: `${inWords(operation)} was accepted without being judged: ${judged.notNamed}` });
}

/**
 * Microsoft had ended an operation before we saw it. Nothing is refused that is over; where a rule has something against it, or the product has a say,
 * Microsoft has decided before us. Judged against the record from before it.
 */
export function decideEnded(change: SubscriptionChange, operation: Operation, catalog: Catalog): SubscriptionChange {
  const judged = judge(change, operation, catalog);
  const decided = withVerdict(change, operation, accepted);
  if (judged.kind === 'decided' && judged.decision.verdict === 'accepted') return decided;
  const missed = judged.kind === 'asks' ? 'the product could be asked' : `we could refuse it: ${judged.decision.reason}`;
  const words = `Microsoft ended ${inWords(operation)} as ${operation.status} before ${missed}`;
  return withRemarks(decided, { kind: 'ended-before-verdict', words });
}

/** An operation has ended while the product was being asked: whatever that answers does not count any more, and whoever waits for the verdict is released. */
export function decideUnasked(change: SubscriptionChange, operation: Operation): SubscriptionChange {
  if (standsOn(change, operation)) return withVerdict(change, operation, accepted); // it was told when that was read
  const words = `${inWords(operation)} has ended as ${operation.status} while the product was being asked about it`;
  return withRemarks(withVerdict(change, operation, accepted), { kind: 'ended-while-asked', words });
}

/** Keeps the verdict with the operation, and says it once. */
export function withVerdict(change: SubscriptionChange, operation: Operation, decision: Decision): SubscriptionChange {
  const { id: subscriptionId, version } = change.subscription;
  const { operationId, action } = operation;
  const registration = operation.registration!; // only what Microsoft was asked about is decided
  const { verdict, reason } = decision;
  return emit(
    keepOperation(change, { ...operation, ...decision }),
    operationDecided({ subscriptionId, operationId, action, registration, verdict, reason, version }),
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

/** Microsoft calls Succeeded what we refused (rule 8). What the record stands on was told when it came to. */
export function noteOverruled(change: SubscriptionChange, operation: Operation): SubscriptionChange {
  return operation.verdict === 'refused' && !standsOn(change, operation) ? withRemarks(change, overruledBy(operation)) : change;
}

/** That Microsoft has done what we refused. */
export const overruledBy = (operation: Operation): Remark => ({
  kind: 'overruled',
  words: `Microsoft did ${inWords(operation)} although it was refused (by ${operation.decidedBy}: ${operation.reason})`,
});

function standsOn({ subscription }: SubscriptionChange, operation: Operation): boolean {
  const member = memberOf(operation);
  return member !== undefined && stateOf(subscription, member).setBy === operation.operationId;
}
