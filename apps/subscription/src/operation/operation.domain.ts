import { operationDecided, type DataOf, type MessageOf, type operationVerified } from '@landfall/contracts';
import { ignored, type Outcome } from '@landfall/messaging';
import { applyPlan, applyQuantity } from '../subscription/comparison.domain';
import { applyRead, isOlder } from '../subscription/read.domain';
import { changesFrom, emit, isDecided, outcomeOf, set, type DatedCause, type SubscriptionChange } from '../subscription/subscription';

type VerifiedOperation = DataOf<typeof operationVerified>;

/**
 * Decides what an operation that Microsoft confirmed does to a subscription. First the subscription as Microsoft shows it is applied, which is all
 * there is to do for Renew, Suspend, Unsubscribe and Subscribe, and for whatever is settled already; then an open change is applied. A refusal by
 * the catalog or the product's veto will be decided here, between the two; nothing else can be refused (rule 7).
 */
export function decideOperation(
  current: SubscriptionChange | undefined,
  { data: operation }: MessageOf<typeof operationVerified>,
): Outcome<SubscriptionChange> {
  if (current && isDecided(current, operation)) return ignored('this operation was decided before (rule 4)');
  const cause = causeOf(operation);
  const shown = applyRead(current, operation, cause); // rule 6: an unknown subscription is imported first
  const applied = isOpen(operation) ? applyOpen(shown, operation, cause) : shown;
  return outcomeOf(emit(addOperation(applied, operation), accepted(operation, applied.subscription.version)));
}

/** An open operation changes plan or quantity at once; it stays open until Microsoft shows how it ended. */
function applyOpen(current: SubscriptionChange, operation: VerifiedOperation, cause: DatedCause): SubscriptionChange {
  const { status, asOf, openOperations, version } = current.subscription;
  if (status === 'Unsubscribed') return current; // rule 3
  const { operationId, action, readAt } = operation;
  const applied = applyTarget(set(current, { openOperations: [...openOperations, { operationId, action }] }), operation, cause);
  const isChange = applied.subscription.version > version;
  // what was read before a change that was applied is old, also where another open operation has this read deferred (rule 2)
  return isChange && isOlder(asOf, readAt) ? set(applied, { asOf: readAt }) : applied;
}

/** Only what the action is about is taken from the operation (rule 1). A target that is there already is Microsoft's revert: nothing changes. */
function applyTarget(current: SubscriptionChange, { action, planId, quantity }: VerifiedOperation, cause: DatedCause): SubscriptionChange {
  const { subscription } = current;
  switch (action) {
    case 'ChangePlan':
      return planId && changesFrom.ChangePlan.includes(subscription.status) ? applyPlan(current, planId, cause) : current;
    case 'ChangeQuantity':
      if (quantity === null || subscription.quantity === null) return current; // flat rate has no seats, whatever the operation shows
      return changesFrom.ChangeQuantity.includes(subscription.status) ? applyQuantity(current, quantity, cause) : current;
    default:
      return current; // Reinstate is InProgress while Get still shows Suspended: it is followed until Subscribed (rule 7)
  }
}

const addOperation = (change: SubscriptionChange, { operationId, action }: VerifiedOperation): SubscriptionChange => ({
  ...change,
  newOperations: [...change.newOperations, { operationId, action }],
});

const isOpen = ({ operationStatus }: VerifiedOperation): boolean => operationStatus === 'NotStarted' || operationStatus === 'InProgress';

const causeOf = ({ operationId, action, source, requestedAt, readAt }: VerifiedOperation): DatedCause => ({
  ...{ source: sourceOf(source), operationId, effectiveAt: requestedAt, observedAt: readAt, action },
});

/** Microsoft calls an operation that we asked for ourselves `Partner`. */
export const sourceOf = (source: string | null): 'request' | 'webhook' => (source === 'Partner' ? 'request' : 'webhook');

const accepted = ({ subscriptionId, operationId, action }: VerifiedOperation, version: number) =>
  operationDecided({ subscriptionId, operationId, action, verdict: 'accepted', reason: null, version });
