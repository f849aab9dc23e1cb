import {
  changeSubscription,
  isPending,
  judgePlanMove,
  judgeSeats,
  subscriptionCancellationRequested,
  subscriptionChangeRequested,
  whyNotAllowed,
  type Catalog,
  type changeFailed,
  type MessageOf,
} from '@landfall/contracts';
import { ignored, refused, type Outcome } from '@landfall/messaging';
import { apply, emit, keepRequest, outcomeOf, type Subscription, type SubscriptionChange } from '../subscription/subscription';
import { failRequest } from './ending.domain';
import { isCancellation, isPendingRequest, requestedInWords, type ChangeRequest, type Requested, type RequesterKind } from './request';

/** Who requests something, why, and when. */
export interface RequestedBy {
  /** The object id of an operator, or of a product's application. */
  readonly actor: string;
  readonly actorKind: RequesterKind;
  readonly reason: string;
  readonly requestedAt: string;
}

/**
 * Something is requested on our side: it is kept, told, and fulfillment asks Microsoft for it. What can't come true is refused before any call. Nothing
 * changes before Microsoft says so: its answer to the call means received, not done (contract 3.8, 3.9).
 */
export function requestChange(
  current: SubscriptionChange,
  requestId: string,
  requested: Requested,
  { actor, actorKind, reason, requestedAt }: RequestedBy,
  catalog: Catalog,
): Outcome<SubscriptionChange> {
  const no = whyNot(current, requested, catalog);
  if (no) return refused(no);
  const { action, planId, quantity } = requested;
  const kept = keepRequest(current, {
    ...{ id: requestId, action, planId, quantity, state: 'pending', actor, actorKind, reason, requestedAt },
    ...{ notBefore: current.subscription.asOf },
    ...{ operationId: null, failure: null, code: null, endedAt: null },
  });
  const cause = { source: 'request', actor, actorKind, effectiveAt: null, observedAt: requestedAt } as const;
  const told =
    action === 'Unsubscribe'
      ? apply(kept, {}, subscriptionCancellationRequested, cause, () => ({ requestId, reason }))
      : apply(kept, {}, subscriptionChangeRequested, cause, () => ({ requestId, requested: { action, planId, quantity } }));
  const { id: subscriptionId, version } = told.subscription;
  return outcomeOf(emit(told, changeSubscription({ subscriptionId, requestId, action, planId, quantity, version })));
}

function whyNot({ subscription, requests }: SubscriptionChange, requested: Requested, catalog: Catalog): string | null {
  const pending = requests.filter(isPendingRequest);
  const why =
    whyNever(subscription, requested) ??
    whyNotAllowed(isCancellation(requested) ? 'cancel' : 'change', subscription) ??
    whyNotWhile(pending, requested);
  return why ?? (isCancellation(requested) ? null : whyNotThis(subscription, requested, catalog));
}

/** Contract 3.8 and 3.9: a change needs Subscribed; a cancellation is possible while Suspended as well. */
function whyNever({ status }: Subscription, requested: Requested): string | null {
  if (status === 'Unsubscribed') return 'The subscription has ended: there is nothing to change or to cancel any more';
  if (isPending(status)) return isCancellation(requested) ? pendingPurchase : pendingChange;
  if (status === 'Suspended' && !isCancellation(requested))
    return 'Microsoft has suspended the subscription, since it could not collect payment: it can be cancelled, and changed again when it is paid for';
  return null;
}

const pendingChange = 'Microsoft has not activated the subscription yet: it can be changed when it is Subscribed';
const pendingPurchase =
  'Microsoft has not activated the subscription yet, and nothing is billed: a purchase that waits for approval is cancelled by rejecting it, ' +
  'and Microsoft ends any other one that is not activated for 30 days';

/** One change at a time, and one cancellation. A cancellation does not wait for a change: Microsoft's own lock is all that holds it up. */
function whyNotWhile(pending: readonly ChangeRequest[], requested: Requested): string | null {
  const inTheWay = pending.find((other) => isCancellation(other) || !isCancellation(requested));
  if (!inTheWay) return null;
  return `Request ${inTheWay.id} is pending: ${requestedInWords(inTheWay)}, asked for at ${inTheWay.requestedAt}. Ask again when it has ended`;
}

/** The catalog's moves and limits of seats hold for requests too: a product must not be given what it does not support. What it does not name, Microsoft judges. */
function whyNotThis(subscription: Subscription, { action, planId, quantity }: Requested, catalog: Catalog): string | null {
  if (action === 'ChangePlan' && planId === subscription.planId) return `The subscription has the plan ${planId} already`;
  if (action === 'ChangeQuantity' && subscription.quantity === null) return 'The subscription has a flat rate: it has no seats to change';
  if (action === 'ChangeQuantity' && quantity === subscription.quantity) return `The subscription has ${quantity} seats already`;
  const judged = action === 'ChangePlan' ? judgePlanMove(catalog, subscription, planId!) : judgeSeats(catalog, subscription, quantity!);
  return judged.kind === 'refused' ? judged.reason : null;
}

/** Microsoft refused the request, or nobody saw what became of it. */
export function recordFailedChange(
  current: SubscriptionChange | undefined,
  { data: { requestId, outcome, reason, code, failedAt } }: MessageOf<typeof changeFailed>,
): Outcome<SubscriptionChange> {
  const request = current?.requests.find(({ id }) => id === requestId);
  if (!current || !request || !isPendingRequest(request)) return ignored('the request has ended before');
  return outcomeOf(failRequest(current, request, { outcome, reason, code, endedAt: failedAt }));
}
