import { rejectionReason } from '@landfall/contracts';
import { z } from 'zod';

/** Stages in which a set-up can be found waiting. */
const waitingStages = ['awaiting-customer', 'awaiting-approval', 'rejected', 'provisioning', 'activating'] as const;

/** Where the page before ended: when its last subscription changed, to the microsecond, and its id. */
const cursorPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z_[0-9a-f-]{36}$/;

export const subscriptionQuery = z.strictObject({
  stage: z.enum(waitingStages).describe('Those that have ended at Microsoft are left out'),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Subscriptions of a page'),
  after: z.string().regex(cursorPattern, 'It is no `next` of a page').optional().describe('`next` of the page before'),
});
export type SubscriptionQuery = z.infer<typeof subscriptionQuery>;

export const rejectionRequest = z.strictObject({
  reason: rejectionReason.trim().min(1).describe('Why: the customer is shown it, and it is kept for the record; no personal data'),
});
export type RejectionRequest = z.infer<typeof rejectionRequest>;
