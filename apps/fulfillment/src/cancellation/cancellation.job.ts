import { asReason, cancellationFailed, uuid } from '@landfall/contracts';
import { defineJob, overtaken } from '@landfall/messaging';
import { z } from 'zod';
import { microsoftJobLimits } from '../job.limits';

/** Which cancellation it is. */
const order = z.object({ subscriptionId: uuid, requestId: uuid });

/**
 * Cancels a pending purchase at Microsoft. It shares the subscription's key with all that changes it there; no dead job holds it up. At its limit it is
 * dead: an operator retries it, here or by rejecting once more. `followedInVain`: Microsoft had received it, and this is why it came to nothing; it waits
 * for them from the beginning.
 */
export const cancelPurchase = defineJob('cancel-subscription', order.extend({ followedInVain: z.string().optional() }), {
  key: ({ subscriptionId }) => subscriptionId,
  dedupe: ({ subscriptionId }) => subscriptionId,
  limits: microsoftJobLimits,
  bypassesDead: true,
  retriesDead: true,
  onDead: failedCancellation,
});

const followKey = (subscriptionId: string): string => `cancellation:${subscriptionId}`;

/** Reads a cancelled purchase until the end shows. Only a read, so that it holds up nothing that changes the subscription. */
export const followCancellation = defineJob('follow-cancellation', order.extend({ operationId: uuid.nullable() }), {
  key: ({ subscriptionId }) => followKey(subscriptionId),
  dedupe: ({ subscriptionId }) => subscriptionId,
  limits: microsoftJobLimits,
  onDead: failedCancellation,
});

export function failedCancellation({ subscriptionId, requestId }: z.infer<typeof order>, reason: string) {
  return [cancellationFailed({ subscriptionId, requestId, reason: asReason(reason), failedAt: new Date().toISOString() })];
}

/** No pending purchase is to be cancelled any more. */
export const overtakenCancellation = (subscriptionId: string, reason: string) => [
  overtaken(cancelPurchase, subscriptionId, reason),
  overtaken(followCancellation, followKey(subscriptionId), reason),
];
