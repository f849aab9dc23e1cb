import { uuid } from '@landfall/contracts';
import { defineJob } from '@landfall/messaging';
import { z } from 'zod';
import { microsoftJobLimits } from '../job.limits';
import { operationKey } from './operation';

/**
 * Acknowledges an open operation once it is decided and answered, and follows it until Microsoft shows its end. It has a key of its own, so
 * that it never waits behind a command for the same subscription; enqueued again it only runs earlier.
 */
export const followOperation = defineJob('follow-operation', z.object({ subscriptionId: uuid, operationId: uuid, action: z.string() }), {
  key: ({ operationId }) => `operation:${operationId}`,
  dedupe: operationKey,
  limits: microsoftJobLimits,
});
