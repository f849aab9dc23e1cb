import { activationFailed, uuid } from '@landfall/contracts';
import { defineJob } from '@landfall/messaging';
import { z } from 'zod';
import { microsoftJobLimits } from '../job.limits';

/** Activates a subscription at Microsoft. It shares the subscription's key with all that changes it there. */
export const activateSubscription = defineJob(
  'activate-subscription',
  z.object({ subscriptionId: uuid, planId: z.string(), quantity: z.int().positive().nullable() }),
  {
    key: ({ subscriptionId }) => subscriptionId,
    dedupe: ({ subscriptionId }) => subscriptionId,
    limits: microsoftJobLimits,
    onDead: failedActivation,
  },
);

/** Reads an activated subscription until the activation shows. Only a read, so that it holds up nothing that changes the subscription. */
export const followActivation = defineJob('follow-activation', z.object({ subscriptionId: uuid }), {
  key: ({ subscriptionId }) => `activation:${subscriptionId}`,
  dedupe: ({ subscriptionId }) => subscriptionId,
  limits: microsoftJobLimits,
  onDead: failedActivation,
});

function failedActivation({ subscriptionId }: { subscriptionId: string }, reason: string) {
  return [activationFailed({ subscriptionId, reason, failedAt: new Date().toISOString() })];
}
