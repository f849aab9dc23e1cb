import { instant, registrationName, uuid } from '@landfall/contracts';
import { defineJob, overtakenDead } from '@landfall/messaging';
import { z } from 'zod';
import { microsoftJobLimits } from '../job.limits';
import { operationKey } from './operation';

/** What Microsoft's list of outstanding operations said about one whose webhook has not come. */
const listed = z.object({
  registration: registrationName,
  source: z.string().nullable(),
  planId: z.string().nullable(),
  quantity: z.int().positive().nullable(),
  timeStamp: instant.nullable(),
  isRevert: z.boolean(),
  receivedAt: instant.nullable(),
});

const keyStart = 'operation:';

/**
 * Looks at an operation until it has ended, or its last look is over, and acknowledges it once it is decided and answered. It has a key of its own, so
 * that it never waits behind anything else, and holds up nothing, not even another action under the same id; enqueued again it only runs earlier.
 */
export const followOperation = defineJob(
  'follow-operation',
  z.object({ subscriptionId: uuid, operationId: uuid, action: z.string(), listed: listed.optional() }),
  {
    key: (reference) => `${keyStart}${operationKey(reference)}`,
    dedupe: operationKey,
    limits: microsoftJobLimits,
  },
);

/** The subscription has ended: nobody needs the end of any of its operations any more (rule 3). */
export const overtakenLooks = (subscriptionId: string, reason: string) =>
  overtakenDead(followOperation, `${keyStart}${subscriptionId.toLowerCase()}/`, reason);
