import {
  cancelSubscription,
  isPending,
  stableId,
  subscriptionCancellationFailed,
  subscriptionCancellationRequested,
  subscriptionUpdated,
  whyNotAllowed,
  type cancellationFailed,
  type MessageOf,
} from '@landfall/contracts';
import { ignored, notYet, refused, type Outcome } from '@landfall/messaging';
import { apply, emit, outcomeOf, set, type Subscription, type SubscriptionChange } from '../subscription/subscription';
import { requestTenant } from './set-up.domain';

/** Who decides about a purchase, and when. */
export interface Decided {
  /** The operator's object id. */
  readonly actor: string;
  readonly decidedAt: string;
}

/**
 * An operator approves a purchase that waits for it: the tenant is asked for. One that Microsoft activated by itself is billed already, so it gets its tenant
 * and no Activate; that is also the way out where it became active although it was rejected.
 */
export function approvePurchase(current: SubscriptionChange, by: Decided): Outcome<SubscriptionChange> {
  const no = whyNotApproved(current.subscription);
  if (no) return refused(no);
  const patch = { stage: 'provisioning', rejectionReason: null, failureReason: null } as const;
  const approved = apply(set(current, { cancellationRequestId: null }), patch, subscriptionUpdated, causeOf(by));
  return outcomeOf(emit(approved, requestTenant(approved.subscription)));
}

function whyNotApproved(subscription: Subscription): string | null {
  if (subscription.status === 'Unsubscribed') return ended;
  switch (subscription.stage) {
    case 'awaiting-approval':
      return null;
    case 'awaiting-customer':
      return unconfirmed;
    case 'rejected':
      return isCancellationMissed(subscription)
        ? null
        : 'The purchase was rejected and its customer was told: it is cancelled at Microsoft, and cannot be approved any more';
    default:
      return beyond;
  }
}

/**
 * An operator rejects a purchase that waits for approval: its customer is told why, and it is cancelled at Microsoft while it is pending. Again, where that
 * cancellation has failed.
 */
export function rejectPurchase(current: SubscriptionChange, by: Decided, reason: string): Outcome<SubscriptionChange> {
  const no = whyNotRejected(current.subscription);
  if (no) return refused(no);
  const { id, version } = current.subscription;
  const requestId = stableId(id, 'cancellation', version + 1); // each request has an id of its own; the same decision gives the same one
  const patch = { stage: 'rejected', rejectionReason: reason, failureReason: null } as const;
  const rejected = apply(set(current, { cancellationRequestId: requestId }), patch, subscriptionCancellationRequested, causeOf(by), () => ({
    requestId,
    reason,
  }));
  return outcomeOf(emit(rejected, cancelSubscription({ subscriptionId: id, requestId, version: rejected.subscription.version })));
}

function whyNotRejected(subscription: Subscription): string | null {
  const { status, stage, failureReason } = subscription;
  if (status === 'Unsubscribed') return ended;
  if (stage === 'awaiting-customer') return unconfirmed;
  if (stage !== 'awaiting-approval' && stage !== 'rejected') return beyond;
  if (!isPending(status))
    return `Microsoft shows the subscription as ${status}: it is billed already, and not for us to cancel. ${billedAdvice}`;
  if (stage === 'rejected' && failureReason === null) return 'The purchase was rejected before, and Microsoft is being asked to cancel it';
  const unallowed = whyNotAllowed('cancel', subscription);
  return unallowed && `${unallowed}. ${unallowedAdvice}`;
}

const ended = 'Microsoft shows that the subscription has ended: there is nothing to decide any more';
const unconfirmed = 'Its customer has not confirmed the purchase yet';
const beyond = 'The purchase waits for no approval: it was approved before, or its plan needs none';
const billedAdvice = 'Approve it, so that its customer gets what they pay for, or ask the customer to cancel it at Microsoft';
const unallowedAdvice = 'Ask the reseller, or leave it unapproved: Microsoft ends what is not activated for 30 days';

/** Microsoft activated what was to be cancelled, and the cancellation has ended: it can't be in the way of an approval any more. */
const isCancellationMissed = ({ status, failureReason }: Subscription): boolean => failureReason !== null && !isPending(status);

const causeOf = ({ actor, decidedAt }: Decided) => ({ source: 'operator', actor, effectiveAt: null, observedAt: decidedAt }) as const;

/**
 * The cancellation did not come true: an operator has to act, and the customer's page says so (rule 10). Only the newest request counts: after another rejection an
 * older one may still be told of, since its job was retried or its message came late.
 */
export function recordFailedCancellation(
  current: SubscriptionChange | undefined,
  { time, data: { requestId, reason } }: MessageOf<typeof cancellationFailed>,
): Outcome<SubscriptionChange> {
  if (!current) return notYet('the subscription is not registered yet');
  const { status, stage, cancellationRequestId } = current.subscription;
  if (status === 'Unsubscribed') return ignored('the subscription has ended meanwhile (rule 3)');
  if (stage !== 'rejected') return ignored('the purchase was approved meanwhile');
  if (requestId !== cancellationRequestId) return ignored('another request has taken its place');
  const failureReason = `cancellation failed: ${reason}`;
  if (current.subscription.failureReason !== null) return outcomeOf(set(current, { failureReason }));
  const cause = { source: 'operator', effectiveAt: null, observedAt: time } as const;
  return outcomeOf(
    apply(current, { failureReason }, subscriptionCancellationFailed, cause, () => ({ requestId, outcome: 'failed' as const, reason })),
  );
}
