import type { Status } from '@landfall/contracts';

/**
 * So long after it was sent an activation that Microsoft may have received is not sent again: its answer is waited for ten seconds, and then
 * its effect for ten more. It mostly shows within a second.
 */
export const ACTIVATION_SETTLING_MS = 20_000;

/** An attempt to activate that the ledger knows of. */
export interface ActivationAttempt {
  readonly startedAt: Date;
  /** Null where no answer was recorded: it may have been received all the same. */
  readonly status: number | null;
}

/**
 * What an activation has to do next. `shown`: the subscription is pending no longer, which is an end whatever it shows. `call`: Activate.
 * `follow`: Microsoft has received it. `wait`: it may have, or the subscription can't be activated yet.
 */
export type ActivationStep = 'shown' | 'call' | 'follow' | 'wait';

export function nextActivationStep(status: Status, attempts: readonly ActivationAttempt[], now: Date): ActivationStep {
  if (!isPending(status)) return 'shown';
  if (status === 'NotStarted') return 'wait'; // known from a schema alone: as pending, but not to be activated (contract 3.2)
  if (attempts.some((attempt) => attempt.status !== null && attempt.status < 300)) return 'follow';
  const last = Math.max(...attempts.map(({ startedAt }) => startedAt.getTime()));
  return now.getTime() - last < ACTIVATION_SETTLING_MS ? 'wait' : 'call';
}

/** No answer, or one that does not tell whether Microsoft has begun: billing may have started. */
export const mayHaveArrived = ({ status }: ActivationAttempt): boolean => status === null || status < 300 || status >= 500;

export const isPending = (status: Status): boolean => status === 'PendingFulfillmentStart' || status === 'NotStarted';
