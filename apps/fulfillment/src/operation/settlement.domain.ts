import type { OperationStatus, Snapshot, operationDecided, webhookAnswered, MessageOf } from '@landfall/contracts';
import { changed, ignored, type Outcome } from '@landfall/messaging';
import { isOpen, showsEffect, type Operation, type Settled } from './operation';
import { settleOperation } from './settlement.job';

/** So long an operation that stays open is followed (rule 10). */
export const FOLLOW_LIMIT_MS = 24 * 3_600_000;
/** So long a subscription may lag behind the operation that Microsoft calls Succeeded, counted from when that was first seen. */
export const LAG_LIMIT_MS = 60_000;
/** A PATCH that Microsoft never answered properly is not tried more often than this. */
export const ACKNOWLEDGEMENT_LIMIT = 5;

/** The subscription service has decided. The two topics may come in any order: whichever is second brings the acknowledgement forward. */
export function decided(known: Operation | undefined, { data }: MessageOf<typeof operationDecided>): Outcome<Operation> {
  if (!known) return ignored('a decision about an operation that no webhook told of');
  if (known.verdict) return ignored('this operation was decided before');
  return dueWhenComplete({ ...known, verdict: data.verdict });
}

/** Microsoft has our answer. Before that an acknowledgement would meet an operation that is not ready for it (contract 8, pitfall 19). */
export function answered(known: Operation | undefined, { data }: MessageOf<typeof webhookAnswered>): Outcome<Operation> {
  if (!known) return ignored('an answer to a webhook that was not verified');
  if (known.answeredAt) return ignored('this webhook was answered before');
  return dueWhenComplete({ ...known, answeredAt: data.answeredAt });
}

function dueWhenComplete(operation: Operation): Outcome<Operation> {
  const { subscriptionId, operationId, action, operationStatus, verdict, answeredAt, settled } = operation;
  const isDue = isOpen(operationStatus) && !settled && verdict && answeredAt;
  return isDue ? changed(operation, settleOperation({ subscriptionId, operationId, action })) : changed(operation);
}

/** The actions that Microsoft lets a publisher acknowledge (contract 3.10). */
const acknowledgeable: ReadonlySet<string> = new Set(['ChangePlan', 'ChangeQuantity', 'Reinstate']);

/** What was seen of earlier acknowledgements of one operation. */
export interface Acknowledgements {
  readonly attempts: number;
  /** Microsoft took one, or said that it needs none. */
  readonly isConcluded: boolean;
}

/** Any proper answer concludes it: taken, not needed any more (409), or never to be taken. 5xx or none at all says nothing (rule 9). */
export function acknowledgementsOf(calls: readonly { readonly status: number | null }[]): Acknowledgements {
  const isConcluded = calls.some(({ status }) => status !== null && status < 500 && status !== 401 && status !== 403 && status !== 429);
  return { attempts: calls.length, isConcluded };
}

/**
 * The word that Microsoft is to be sent now, or null. Our own request (`Partner`) is never acknowledged: Microsoft answers that with 500.
 * Reinstate can't be refused (rule 7), so its refusal is not sent either.
 */
export function acknowledgementOf(
  operation: Pick<Operation, 'action' | 'source' | 'verdict'>,
  status: OperationStatus | null,
  earlier: Acknowledgements,
): 'Success' | 'Failure' | null {
  const { action, source, verdict } = operation;
  if (!verdict || !isOpen(status) || source === 'Partner' || !acknowledgeable.has(action)) return null;
  if (earlier.isConcluded || earlier.attempts >= ACKNOWLEDGEMENT_LIMIT) return null;
  if (verdict === 'accepted') return 'Success';
  return action === 'Reinstate' ? null : 'Failure';
}

/** Whether the subscription must be read as well before it can be said how the operation ended. */
export const needsSnapshot = ({ action }: Pick<Operation, 'action'>, status: OperationStatus | null, openForMs: number): boolean =>
  (status !== null && !isOpen(status)) || action === 'Reinstate' || openForMs >= FOLLOW_LIMIT_MS;

/** An end that nothing can have replaced, or that must be seen (rule 7): followed until the subscription shows it. */
const mustBeShown: ReadonlySet<string> = new Set(['Reinstate', 'Unsubscribe']);

/**
 * How the operation ended, or null while it must be followed. `Failed` and `Conflict` are ends as they stand; `Succeeded` is one when the
 * subscription shows it, or has had the time to. Reinstate has ended when the subscription is Subscribed, whatever its operation says.
 */
export function settlementOf(
  operation: Pick<Operation, 'action' | 'planId' | 'quantity'>,
  seen: { readonly status: OperationStatus | null; readonly snapshot: Snapshot; readonly openForMs: number; readonly unshownForMs: number },
): Settled | null {
  const { status, snapshot, openForMs, unshownForMs } = seen;
  if (status === 'Failed' || status === 'Conflict') return status;
  // nothing leads out of Unsubscribed (rule 3): an operation that is still open can't take effect any more
  if (snapshot.status === 'Unsubscribed') return status === 'Succeeded' ? 'Succeeded' : 'Expired';
  const isShown = showsEffect(operation, snapshot);
  if (isShown && (status === 'Succeeded' || operation.action === 'Reinstate')) return 'Succeeded';
  if (status === 'Succeeded' && !mustBeShown.has(operation.action) && unshownForMs >= LAG_LIMIT_MS) return 'Succeeded';
  return openForMs >= FOLLOW_LIMIT_MS ? 'Expired' : null;
}
