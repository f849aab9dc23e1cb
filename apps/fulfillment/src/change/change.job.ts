import { changeFailed, requested, uuid, type RequestOutcome } from '@landfall/contracts';
import { defineJob } from '@landfall/messaging';
import { z } from 'zod';
import { microsoftJobLimits } from '../job.limits';

/** What was requested on our side. */
export const requestedOfUs = z.object({ subscriptionId: uuid, requestId: uuid, ...requested });
export type RequestedOfUs = z.infer<typeof requestedOfUs>;

/**
 * Asks Microsoft for a change or a cancellation, once for each request, until Microsoft names its operation. Changes share the subscription's key with all that
 * changes it there. A cancellation has a key of its own: it waits for no change of ours, only for Microsoft's lock. At its limit it ends, and the request with
 * it; it is dead only where it can't be performed at all.
 */
export const askForChange = defineJob('ask-for-change', requestedOfUs, {
  key: ({ subscriptionId, action }) => (action === 'Unsubscribe' ? `cancel:${subscriptionId}` : subscriptionId),
  dedupe: ({ requestId }) => requestId,
  limits: microsoftJobLimits,
  bypassesDead: true,
  onDead: ({ subscriptionId, requestId }, reason) => [failedChange({ subscriptionId, requestId }, 'unconfirmed', { reason, code: null })],
});

/** The end of a request that did not come true. */
export const failedChange = (
  { subscriptionId, requestId }: Pick<RequestedOfUs, 'subscriptionId' | 'requestId'>,
  outcome: RequestOutcome,
  { reason, code }: { readonly reason: string; readonly code: string | null },
) => changeFailed({ subscriptionId, requestId, outcome, reason, code, failedAt: new Date().toISOString() });
