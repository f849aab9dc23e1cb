import type { MessageOf, operationDecided, OperationStatus, webhookAnswered } from '@landfall/contracts';
import { changed, ignored, type Outcome } from '@landfall/messaging';
import type { CallAttempt } from '../microsoft/call';
import { isOpen, traitsOf, type Operation } from './operation';
import { followOperation } from './operation.job';

/** A PATCH that Microsoft never answered properly is not sent more often than this. */
export const ACKNOWLEDGEMENT_LIMIT = 5;

/** The subscription service has decided. The two topics may come in any order: whichever is second brings the acknowledgement forward. */
export function recordVerdict(known: Operation | undefined, { data }: MessageOf<typeof operationDecided>): Outcome<Operation> {
  if (!known) return ignored('a decision about an operation that no webhook announced');
  if (known.verdict) return ignored('this operation was decided before');
  return acknowledgedWhenComplete({ ...known, verdict: data.verdict });
}

/** Microsoft has our answer. Before that an acknowledgement would meet an operation that is not ready for it (contract 8, pitfall 19). */
export function recordAnswer(known: Operation | undefined, { data }: MessageOf<typeof webhookAnswered>): Outcome<Operation> {
  if (!known) return ignored('an answer to a webhook that was not verified');
  if (known.answeredAt) return ignored('this webhook was answered before');
  return acknowledgedWhenComplete({ ...known, answeredAt: data.answeredAt });
}

function acknowledgedWhenComplete(operation: Operation): Outcome<Operation> {
  const { subscriptionId, operationId, action, operationStatus, verdict, answeredAt, settled } = operation;
  const isDue = isOpen(operationStatus) && !settled && verdict && answeredAt;
  return isDue ? changed(operation, followOperation({ subscriptionId, operationId, action })) : changed(operation);
}

/**
 * What Microsoft is to be sent about an operation, or null. Our own request (`Partner`) is never acknowledged: Microsoft answers that with
 * 500.
 */
export function acknowledgementOf(
  { action, source, verdict }: Pick<Operation, 'action' | 'source' | 'verdict'>,
  status: OperationStatus | null,
): 'Success' | 'Failure' | null {
  if (!verdict || !isOpen(status) || source === 'Partner') return null;
  return traitsOf(action).acknowledgement[verdict];
}

/**
 * Whether the acknowledgement is sent (again), given how Microsoft answered it so far: the status, or null for no answer. Any proper answer
 * is the last: taken, not needed any more (409), or never to be taken. 5xx or none at all proves nothing (rule 9).
 */
export function maySendAcknowledgement(earlier: readonly Pick<CallAttempt, 'status'>[]): boolean {
  return earlier.length < ACKNOWLEDGEMENT_LIMIT && !earlier.some(({ status }) => isProperAnswer(status));
}

const isProperAnswer = (status: CallAttempt['status']): boolean =>
  status !== null && status < 500 && status !== 401 && status !== 403 && status !== 429;
