import {
  asReason,
  subscriptionCancellationFailed,
  subscriptionChangeFailed,
  type MicrosoftsReason,
  type RequestOutcome,
} from '@landfall/contracts';
import type { Operation } from '../operation/operation';
import { apply, keepRequest, type DatedCause, type SubscriptionChange } from '../subscription/subscription';
import { isCancellation, isOperationOf, isPendingRequest, type ChangeRequest } from './request';

/** Why a request did not come true. */
export interface RequestEnd {
  readonly outcome: RequestOutcome;
  readonly reason: string;
  /** Microsoft's own, where it gave one. */
  readonly code: string | null;
  readonly endedAt: string;
}

/** Ends a pending request that did not come true, and tells so. One that has ended already stays as it is. */
export function failRequest(change: SubscriptionChange, request: ChangeRequest, end: RequestEnd): SubscriptionChange {
  if (!isPendingRequest(request)) return change;
  const { id: requestId, action, planId, quantity, operationId, actor, actorKind } = request;
  const { outcome, reason, code, endedAt } = end;
  const ended = keepRequest(change, { ...request, state: outcome, failure: reason, code, endedAt });
  const cause: DatedCause = {
    source: 'request',
    ...(operationId && { operationId, action }),
    ...{ actor, actorKind },
    effectiveAt: null,
    observedAt: endedAt,
  };
  const told = { requestId, outcome, reason: asReason(reason), ...(code !== null && { code }) };
  if (action === 'Unsubscribe') return apply(ended, {}, subscriptionCancellationFailed, cause, () => told);
  return apply(ended, {}, subscriptionChangeFailed, cause, () => ({ ...told, requested: { action, planId, quantity } }));
}

/** Ends a request that has come true. Products are told of what it did, by the event of that. */
const succeedRequest = (change: SubscriptionChange, request: ChangeRequest, endedAt: string): SubscriptionChange =>
  keepRequest(change, { ...request, state: 'succeeded', endedAt });

/**
 * The operation is that of a request: by its id, where Microsoft named it in its answer to our call; else by what it is about. One that knows its operation
 * takes the one that a later call began.
 */
export function linkRequest(change: SubscriptionChange, operation: Operation, requestId?: string): SubscriptionChange {
  const request = change.requests.find((one) => (requestId ? one.id === requestId : isOperationOf(one, operation)));
  if (!request || !isPendingRequest(request) || request.operationId === operation.operationId) return change;
  return keepRequest(change, { ...request, operationId: operation.operationId });
}

/**
 * The operation of a request has ended, and what it did is in the record. `Succeeded` has happened; `Failed` and `Conflict` have not. Of one that Microsoft did
 * not show to its end a closing read decides (rule 5): see `endUnseen`.
 */
export function endByOperation(
  change: SubscriptionChange,
  operation: Operation,
  { failure, endedAt }: { readonly failure: MicrosoftsReason | undefined; readonly endedAt: string },
): SubscriptionChange {
  const request = pendingOf(change, operation);
  if (!request) return change;
  switch (operation.status) {
    case 'Succeeded':
      return succeedRequest(change, request, endedAt);
    case 'Failed': {
      const reason = `Microsoft took it and ended it as Failed: ${failure?.message ?? 'it does not say why'}`;
      return failRequest(change, request, { outcome: 'failed', reason, code: failure?.code ?? null, endedAt });
    }
    case 'Conflict': {
      const reason = 'Microsoft ended it as Conflict, which says that the subscription had it already';
      return failRequest(change, request, { outcome: 'failed', reason, code: failure?.code ?? null, endedAt });
    }
    default:
      return change;
  }
}

/** The closing read after an operation that Microsoft did not show to its end: nothing was booked on the request, so nobody knows (rule 10). */
export function endUnseen(change: SubscriptionChange, operation: Operation, endedAt: string): SubscriptionChange {
  const request = pendingOf(change, operation);
  if (!request) return change;
  const reason = `Microsoft took it and did not show its end (${operation.status}); the subscription does not show what was asked for`;
  return failRequest(change, request, { outcome: 'unconfirmed', reason, code: null, endedAt });
}

/** The subscription has ended, and with it all its requests (rule 3): that is what a cancellation asked for. Whether Microsoft did another one before, nobody sees any more (rule 10). */
export function endAllRequests(change: SubscriptionChange, endedAt: string): SubscriptionChange {
  const reason = 'the subscription ended before it was seen to be done';
  return change.requests
    .filter(isPendingRequest)
    .reduce(
      (before, request) =>
        isCancellation(request)
          ? succeedRequest(before, request, endedAt)
          : failRequest(before, request, { outcome: 'unconfirmed', reason, code: null, endedAt }),
      change,
    );
}

const pendingOf = ({ requests }: SubscriptionChange, { operationId, action }: Operation): ChangeRequest | undefined =>
  requests.find((request) => isPendingRequest(request) && request.operationId === operationId && request.action === action);
