import { CLOCK_TOLERANCE_MS, type Cause, type RequestedAction, type RequestOutcome } from '@landfall/contracts';
import type { Operation } from '../operation/operation';

/** What is asked of Microsoft: the action, and its target; the other one is null. */
export interface Requested {
  readonly action: RequestedAction;
  readonly planId: string | null;
  readonly quantity: number | null;
}

/** Who may ask on our side: a person of the company, or one of its applications. */
export type RequesterKind = 'operator' | 'product';

/**
 * Something that was requested on our side, from the request to its end. It ends by its own operation, or when a change is booked on it, never since the
 * record has the value that was asked for (rule 10).
 */
export interface ChangeRequest extends Requested {
  readonly id: string;
  readonly state: 'pending' | 'succeeded' | RequestOutcome;
  /** Who asked, and why. */
  readonly actor: string;
  readonly actorKind: RequesterKind;
  readonly reason: string;
  /** By the clock of this service: for people. */
  readonly requestedAt: string;
  /** How far Microsoft's clock was at least, when it was requested: what began before is not its operation. */
  readonly notBefore: string;
  /** Microsoft's operation; null while it is not known. */
  readonly operationId: string | null;
  /** Why it did not come true; null otherwise. */
  readonly failure: string | null;
  /** Microsoft's own code for that, where it gave one. */
  readonly code: string | null;
  readonly endedAt: string | null;
}

export const isPendingRequest = ({ state }: Pick<ChangeRequest, 'state'>): boolean => state === 'pending';

export const isCancellation = ({ action }: Pick<Requested, 'action'>): boolean => action === 'Unsubscribe';

/** What is changed, for people and in refusals. */
export function requestedInWords({ action, planId, quantity }: Requested): string {
  switch (action) {
    case 'ChangePlan':
      return `a change to plan ${planId}`;
    case 'ChangeQuantity':
      return `a change to ${quantity} ${quantity === 1 ? 'seat' : 'seats'}`;
    case 'Unsubscribe':
      return 'a cancellation';
  }
}

/**
 * Whether a pending request that knows no operation of its own is what this one is about: it is ours (`Partner`), has the same action and target, and did not
 * begin before the request (rule 9).
 */
export function isOperationOf(request: ChangeRequest, operation: Operation): boolean {
  const { action, source, timeStamp } = operation;
  if (!isPendingRequest(request) || request.operationId !== null || source !== 'Partner' || request.action !== action) return false;
  if (timeStamp === null || Date.parse(timeStamp) < Date.parse(request.notBefore) - CLOCK_TOLERANCE_MS) return false;
  return isCancellation(request) || (request.planId === operation.planId && request.quantity === operation.quantity);
}

/** Whether what is set is what was asked for, and the request, or its operation, is what is told as the cause (rule 10). */
export function isBookedOn(request: ChangeRequest, set: { planId?: unknown; quantity?: unknown; status?: unknown }, cause: Cause): boolean {
  const isItsCause = cause.operationId ? cause.operationId === request.operationId : cause.source === 'request';
  if (!isPendingRequest(request) || !isItsCause) return false;
  if (isCancellation(request)) return set.status === 'Unsubscribed';
  return request.action === 'ChangePlan' ? set.planId === request.planId : set.quantity === request.quantity;
}
