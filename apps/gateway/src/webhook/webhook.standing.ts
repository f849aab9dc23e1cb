import type { OperationDecision } from '../decision/decision';
import type { DeliveryOutcome } from './webhook.answer';

/** For ten seconds after the delivery a refusal counts (contract 4.5). */
export const REFUSAL_LIMIT_MS = 10_000;

/**
 * What comes again within so long may be a duplicate, or have been on its way. Later it says that our answer has not reached Microsoft (contract 4.4), and the next one is what its
 * ten seconds begin with.
 */
export const ANSWER_COUNTS_MS = 10_000;

/** Where a stored delivery stands: what was answered, and what is known by now of its operation. */
export interface Standing extends Pick<OperationDecision, 'verdict' | 'reason' | 'settled'> {
  readonly deliveryId: string;
  /** The final answer, 200 or 400; null while it waits for the decision. */
  readonly answer: number | null;
  /** The final answer was given, and published, within `ANSWER_COUNTS_MS`; or it is given at once, and `webhook-received` says so. */
  readonly isReported: boolean;
  /** The verdict came within `REFUSAL_LIMIT_MS` after the delivery was stored, both by the database's clock. */
  readonly isInTime: boolean;
}

/**
 * What a delivery that waits for a decision, or a repetition, is answered by now; null: its decision has still to come.
 *
 * A refusal counts as one only while Microsoft leaves the choice to us. Once the operation has ended, and ten seconds after the delivery,
 * Microsoft has decided by itself (contract 4.5): then the truthful answer is that we have received it, 200, since a 4xx would refuse
 * nothing any more and only be delivered again. What becomes of such a refusal is for subscription to say (rule 8), and for fulfillment, which
 * still sends Failure where the operation is open all the same.
 */
export function outcomeOf({ answer, verdict, reason, isInTime, settled }: Standing): DeliveryOutcome | null {
  if (answer === 200) return { kind: 'duplicate' };
  if (settled) return { kind: 'settled' };
  if (verdict === 'accepted') return { kind: 'accepted' };
  if (verdict === null) return null;
  return answer === 400 || isInTime ? { kind: 'refused', refusal: reason ?? '' } : { kind: 'refused-too-late' };
}
