import type { CallPurpose } from '@landfall/marketplace-client';
import type { RequestedAction } from '@landfall/contracts';
import type { Subject } from '../registration/subject';

/** A call that is about to be made and changes something at Microsoft. */
export interface CallToMake {
  /** With whose token. */
  readonly registration: string;
  readonly requestId: string;
  readonly correlationId: string;
  readonly jobId: string;
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly route: string;
  readonly purpose: CallPurpose;
  readonly subscriptionId: string;
  readonly operationId?: string;
}

/** What the ledger knows of one call that a job has made. */
export interface CallAttempt {
  /** How long ago it was announced, in milliseconds, by the database's clock: another copy, with another clock, may have made it. */
  readonly agoMs: number;
  /** Null where no answer was recorded: none came, or the process was killed before it could be. It may have been received all the same. */
  readonly status: number | null;
}

/**
 * So long after it was sent a call that Microsoft may have received is not sent again: ten seconds its answer is waited for, and then its effect for ten
 * more. It mostly shows within a second.
 */
export const CALL_EFFECT_WAIT_MS = 20_000;

/** Received, which is not done: only what Microsoft shows tells that (contract 3.4, 3.8, 3.9). */
export const wasReceived = ({ status }: CallAttempt): boolean => status !== null && status < 300;

/** It was received, or nobody saw how it was answered (rule 9). */
export const mayHaveReached = (attempt: CallAttempt): boolean => wasReceived(attempt) || attempt.status === null || attempt.status >= 500;

/** What was requested on our side. */
export interface RequestedChange extends Subject {
  readonly action: RequestedAction;
  readonly planId: string | null;
  readonly quantity: number | null;
}
