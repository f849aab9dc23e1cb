import { activationFailed, asReason, uuid } from '@landfall/contracts';
import { defineJob, overtaken } from '@landfall/messaging';
import { z } from 'zod';
import { microsoftJobLimits } from '../job.limits';

/** What an activation is about. */
const order = z.object({ subscriptionId: uuid, planId: z.string(), quantity: z.int().positive().nullable() });

/**
 * Activates a subscription at Microsoft. It shares the subscription's key with all that changes it there. At its limit it is dead: an operator retries
 * it, and so does a customer who comes again. `isFollowedInVain`: Microsoft had received it, and showed nothing; it waits for them from the beginning.
 */
export const activateSubscription = defineJob('activate-subscription', order.extend({ isFollowedInVain: z.boolean().optional() }), {
  key: ({ subscriptionId }) => subscriptionId,
  dedupe: ({ subscriptionId }) => subscriptionId,
  limits: microsoftJobLimits,
  retriesDead: true,
  onDead: failedActivation,
});

const followKey = (subscriptionId: string): string => `activation:${subscriptionId}`;

/** Reads an activated subscription until the activation shows. Only a read, so that it holds up nothing that changes the subscription. */
export const followActivation = defineJob('follow-activation', order, {
  key: ({ subscriptionId }) => followKey(subscriptionId),
  dedupe: ({ subscriptionId }) => subscriptionId,
  limits: microsoftJobLimits,
  onDead: failedActivation,
});

function failedActivation({ subscriptionId }: { subscriptionId: string }, reason: string) {
  return [activationFailed({ subscriptionId, reason: asReason(reason), failedAt: new Date().toISOString() })];
}

/** Nothing is to be activated any more. */
export const overtakenActivation = (subscriptionId: string, reason: string) => [
  overtaken(activateSubscription, subscriptionId, reason),
  overtaken(followActivation, followKey(subscriptionId), reason),
];
