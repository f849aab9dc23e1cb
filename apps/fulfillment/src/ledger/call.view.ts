import { registrationName } from '@landfall/contracts';
import { callPurposes } from '@landfall/marketplace-client';
import { askedInstant, timeCursor } from '@landfall/messaging';
import { z } from 'zod';

/** One attempt of a call to Microsoft as operators see it. It never held a token, a body or anything about a person. */
export const callView = z.object({
  requestId: z.guid().describe('`x-ms-requestid`, as Microsoft got it'),
  microsoftRequestId: z.string().nullable().describe('Microsoft’s own id of it, for its support; null where none came'),
  correlationId: z
    .string()
    .describe('Of the course of events it belongs to: the same in messages, in the history of a subscription and in the log'),
  registration: z.string().describe('With whose token'),
  purpose: z.enum(callPurposes),
  method: z.string(),
  route: z.string(),
  subscriptionId: z.guid().nullable(),
  operationId: z.guid().nullable(),
  startedAt: z.iso.datetime(),
  durationMs: z.int().nullable().describe('Null while no answer is on record, or for good where the process was killed'),
  status: z.int().nullable().describe('HTTP status; null where no answer came'),
  error: z.string().nullable().describe('What it ended in; null where it did well'),
});
export type CallView = z.infer<typeof callView>;

const calls = z.strictObject({
  subscriptionId: z.guid().toLowerCase().optional().describe('About which subscription; the newest call comes first'),
  registration: registrationName
    .optional()
    .describe('Instead of it: calls with that registration’s token about no subscription, as List and Resolve'),
  correlationId: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Instead of it: calls of that course of events, whatever they are about, as an entry of a history names it'),
  since: askedInstant.optional().describe('No calls from before'),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Calls of a page'),
  after: timeCursor.optional().describe('`next` of the page before'),
});
export const callQuery = calls.refine(
  ({ subscriptionId, registration, correlationId }) =>
    [subscriptionId, registration, correlationId].filter((one) => one !== undefined).length === 1,
  'Name one of these: a subscription, a registration, a correlationId',
);
export type CallQuery = z.infer<typeof callQuery>;
