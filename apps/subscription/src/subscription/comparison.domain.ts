import {
  subscriptionActivated,
  subscriptionPlanChanged,
  subscriptionQuantityChanged,
  subscriptionReinstated,
  subscriptionRenewed,
  subscriptionSuspended,
  subscriptionUnsubscribed,
  subscriptionUpdated,
  type Snapshot,
  type Term,
} from '@landfall/contracts';
import { apply, awaitedIn, statusChange, type DatedCause, type SubscriptionChange } from './subscription';

/** Microsoft takes the subscription away after this many days without payment. Contract 5.2, row 8. */
const graceDays = 30;
/** Customers' data is kept at least this long after the end. Contract 5.4. */
const retentionDays = 30;

/** Compares what Microsoft shows with the record, and applies each difference as an event of its own. */
export function applyDifferences(current: SubscriptionChange, snapshot: Snapshot, cause: DatedCause): SubscriptionChange {
  const afterStatus = applyStatus(current, snapshot, cause);
  const afterPlan = applyPlan(afterStatus, snapshot.planId, datedBy('ChangePlan', cause));
  const afterQuantity = applyQuantity(afterPlan, snapshot.quantity, datedBy('ChangeQuantity', cause));
  return applyTermAndDetails(afterQuantity, snapshot, cause);
}

/** The end. It supersedes every open operation, request and job of the subscription (rule 3). */
export function applyEnd(current: SubscriptionChange, readAt: string, cause: DatedCause): SubscriptionChange {
  const patch = { status: 'Unsubscribed', openOperations: [], deferredSnapshot: null, failureReason: null, asOf: readAt } as const;
  const ending = datedBy('Unsubscribe', cause);
  return apply(current, patch, subscriptionUnsubscribed, ending, (previous) => ({
    previous,
    retainedUntil: daysAfter(ending.effectiveAt ?? ending.observedAt, retentionDays),
  }));
}

export function applyPlan(current: SubscriptionChange, planId: string, cause: DatedCause): SubscriptionChange {
  if (planId === current.subscription.planId) return current;
  return apply(current, { planId }, subscriptionPlanChanged, cause, (previous) => ({ previous }));
}

export function applyQuantity(current: SubscriptionChange, quantity: number | null, cause: DatedCause): SubscriptionChange {
  if (quantity === current.subscription.quantity) return current;
  return apply(current, { quantity }, subscriptionQuantityChanged, cause, (previous) => ({ previous }));
}

function applyStatus(current: SubscriptionChange, { status, term }: Snapshot, cause: DatedCause): SubscriptionChange {
  const { subscription } = current;
  const awaitsActivation = awaitedIn[subscription.stage] === 'activation';
  const completed = { stage: 'done', failureReason: null } as const;
  switch (statusChange[subscription.status][status]) {
    case 'suspend': {
      // suspended while it waited for its activation: it had become active at Microsoft, so its set-up is complete, only locked
      const patch = awaitsActivation ? { status, ...completed } : { status };
      const suspension = datedBy('Suspend', cause);
      const graceEndsAt = suspension.effectiveAt ? daysAfter(suspension.effectiveAt, graceDays) : null;
      return apply(current, patch, subscriptionSuspended, suspension, (previous) => ({ previous, graceEndsAt }));
    }
    case 'reinstate':
      return apply(current, { status }, subscriptionReinstated, datedBy('Reinstate', cause), (previous) => ({ previous }));
    case 'subscribe':
      if (awaitsActivation) return apply(current, { status, term, ...completed }, subscriptionActivated, datedBy('Subscribe', cause));
      return apply(current, { status, term }, subscriptionUpdated, datedBy('Subscribe', cause)); // billed before anybody confirmed: access stays none
    default:
      return current;
  }
}

/** A later start of the term is a renewal, emitted once per term start whoever saw it first (rule 4). All else is an update. */
function applyTermAndDetails(current: SubscriptionChange, snapshot: Snapshot, cause: DatedCause): SubscriptionChange {
  const { subscription } = current;
  const { term, autoRenew, isFreeTrial, allowedCustomerOperations } = snapshot;
  const privateOfferId = snapshot.privateOfferId ?? subscription.privateOfferId; // only the list of plans shows it (contract 3.7): absent is no change
  const isSame =
    isSameTerm(term, subscription.term) &&
    autoRenew === subscription.autoRenew &&
    isFreeTrial === subscription.isFreeTrial &&
    privateOfferId === subscription.privateOfferId &&
    isSameSet(allowedCustomerOperations, subscription.allowedCustomerOperations);
  if (isSame) return current;
  const isRenewal = !!subscription.term?.startDate && !!term?.startDate && term.startDate > subscription.term.startDate;
  const patch = { term, autoRenew, isFreeTrial, allowedCustomerOperations, privateOfferId };
  return apply(current, patch, isRenewal ? subscriptionRenewed : subscriptionUpdated, datedBy('Renew', cause));
}

/**
 * The time of an operation is the time of what it is about. When the other differences of a read began is unknown: if an old operation's time were
 * taken for the end, customers' data would be purged too early.
 */
const datedBy = (action: string, cause: DatedCause): DatedCause => (cause.action === action ? cause : { ...cause, effectiveAt: null });

function isSameTerm(one: Term | null, other: Term | null): boolean {
  if (!one || !other) return one === other;
  return (
    one.termUnit === other.termUnit &&
    one.startDate === other.startDate &&
    one.endDate === other.endDate &&
    one.chargeDuration === other.chargeDuration
  );
}

/** Microsoft lists them in any order (contract 3.2). */
const isSameSet = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((word) => other.includes(word));

const daysAfter = (instant: string, days: number): string => new Date(Date.parse(instant) + days * 86_400_000).toISOString();
