import type { CallPurpose } from '@landfall/marketplace-client';

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
