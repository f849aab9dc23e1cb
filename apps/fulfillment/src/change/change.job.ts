import { asCode, asReason, changeFailed, requested, uuid, type RequestOutcome } from '@landfall/contracts';
import { defineJob, overtaken } from '@landfall/messaging';
import { z } from 'zod';
import { microsoftJobLimits } from '../job.limits';

/** What was requested on our side. */
export const requestedOfUs = z.object({ subscriptionId: uuid, requestId: uuid, ...requested });
export type RequestedOfUs = z.infer<typeof requestedOfUs>;

const keyOf = ({ subscriptionId, action }: Pick<RequestedOfUs, 'subscriptionId' | 'action'>): string =>
  action === 'Unsubscribe' ? `cancel:${subscriptionId}` : subscriptionId;

/**
 * Asks Microsoft for a change or a cancellation, once for each request, until Microsoft names its operation. Changes share the subscription's key with all that
 * changes it there. A cancellation has a key of its own: it waits for no change of ours, only for Microsoft's lock. At its limit it ends, and the request with
 * it; it is dead only where it can't be performed at all.
 */
export const askForChange = defineJob('ask-for-change', requestedOfUs, {
  key: keyOf,
  dedupe: ({ requestId }) => requestId,
  limits: microsoftJobLimits,
  bypassesDead: true,
  onDead: ({ subscriptionId, requestId }, reason) => [failedChange({ subscriptionId, requestId }, 'unconfirmed', { reason, code: null })],
});

/** Nothing can be asked for any more: the subscription has ended (rule 3). */
export const overtakenChanges = (subscriptionId: string, reason: string) => [
  overtaken(askForChange, keyOf({ subscriptionId, action: 'ChangePlan' }), reason),
  overtaken(askForChange, keyOf({ subscriptionId, action: 'Unsubscribe' }), reason),
];

/** The end of a request that did not come true. */
export const failedChange = (
  { subscriptionId, requestId }: Pick<RequestedOfUs, 'subscriptionId' | 'requestId'>,
  outcome: RequestOutcome,
  { reason, code }: { readonly reason: string; readonly code: string | null },
) =>
  changeFailed({
    ...{ subscriptionId, requestId, outcome, failedAt: new Date().toISOString() },
    ...{ reason: asReason(reason), code: code === null ? null : asCode(code) },
  });
