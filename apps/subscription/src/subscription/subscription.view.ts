import { z } from 'zod';
import { access, instant, snapshot, stage } from '@landfall/contracts';
import { timeCursor } from '@landfall/messaging';

/** What `GET /subscriptions/{id}` answers: the record as it is, without anything personal. */
export const subscriptionView = z.object({
  ...snapshot.shape,
  stage: stage.describe('How far its set-up has come'),
  access: access.describe('What the customer may use now'),
  version: z.int().describe('Rises by one with every change'),
  sequence: z.int().describe('Number of the newest public event'),
  imported: z.boolean().describe('Taken over from Microsoft without having seen the purchase'),
  tenantReference: z.string().nullable().describe("The product's name for the tenant"),
  failureReason: z.string().nullable().describe('Why its set-up has failed and an operator is needed'),
  rejectionReason: z.string().nullable().describe('Why its purchase was rejected, as its customer is told'),
  asOf: instant.describe('How old our knowledge of Microsoft’s side is, by Microsoft’s clock'),
  changedAt: instant.describe('When the record last changed, by our database’s clock'),
  openOperations: z
    .array(z.object({ operationId: z.string(), action: z.string() }))
    .describe('Begun at Microsoft, and not known to have ended'),
});
export type SubscriptionView = z.infer<typeof subscriptionView>;

export const subscriptionPage = z.object({
  items: z.array(subscriptionView),
  next: z.string().nullable().describe('`after` of the next page; null at the end'),
});

/** Stages in which a set-up can be found waiting. */
const waitingStages = ['awaiting-customer', 'awaiting-approval', 'rejected', 'provisioning', 'activating'] as const;

export const subscriptionQuery = z.strictObject({
  stage: z.enum(waitingStages).describe('Those that have ended at Microsoft are left out'),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Subscriptions of a page'),
  after: timeCursor.optional().describe('`next` of the page before'),
});
export type SubscriptionQuery = z.infer<typeof subscriptionQuery>;
