import { instant, purchaseUnresolved, registrationName, uuid } from '@landfall/contracts';
import { defineJob } from '@landfall/messaging';
import { z } from 'zod';
import { microsoftJobLimits } from '../job.limits';

/**
 * Asks Microsoft what a purchase token stands for. The token stays encrypted here: a table must not hold it in clear. Where the job dies, which
 * is our own fault, the customer is asked to come again with a new token.
 */
export const resolvePurchase = defineJob(
  'resolve-purchase',
  z.object({ purchaseId: uuid, registration: registrationName, encryptedToken: z.string(), openedAt: instant }),
  {
    key: ({ purchaseId }) => `purchase:${purchaseId}`,
    dedupe: ({ purchaseId }) => purchaseId,
    limits: microsoftJobLimits,
    onDead: ({ purchaseId }) => [purchaseUnresolved({ purchaseId, reason: 'not-answered' })],
  },
);
