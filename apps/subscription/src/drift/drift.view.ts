import { cause, differenceEnd, instant, member } from '@landfall/contracts';
import { askedInstant, timeCursor } from '@landfall/messaging';
import { z } from 'zod';
import { keptReasons } from './drift';

/** A drift as operators see it. */
export const driftView = z.object({
  id: z.guid(),
  subscriptionId: z.guid(),
  member: z
    .enum([...member.options, 'subscription'])
    .describe('`subscription`: all of it, which the record did not know, or which Microsoft’s list leaves out'),
  ours: z.unknown().describe('What the record had; null where it did not know the subscription'),
  microsofts: z.unknown().describe('What Microsoft showed last; null where its list leaves the subscription out'),
  since: z
    .object({ from: instant.nullable(), to: instant })
    .describe('Between which instants of Microsoft’s clock it came to differ; `from` is null where nobody knows'),
  foundAt: instant.describe('The `Date` of the answer that showed it first'),
  lastFoundAt: instant,
  timesFound: z.int(),
  occasion: z.string().describe('What the read was made for that found it: `reconciliation` is a sweep'),
  reconciliationId: z.guid().nullable().describe('The sweep that found it, as `GET /reconciliations/{id}` of fulfillment knows it'),
  source: cause.shape.source.describe('What is told as the cause'),
  operationId: z.guid().nullable().describe('Microsoft’s operation that explains it, perhaps learnt of later'),
  state: z.enum(['open', 'repaired', 'over']).describe('`over`: Microsoft shows what the record has, or both have moved on'),
  keptReason: z.enum(keptReasons).nullable().describe('Why it was not repaired when it was found'),
  endedAt: instant.nullable(),
  event: z.string().nullable().describe('The type of the event that ended it; null where a read did without one'),
  version: z.int().nullable().describe('Of the record after that event'),
  endReason: differenceEnd.nullable().describe('How one of `missing` or `guarded` ended, where no read and no change ended it'),
  recordedAt: instant.describe('When it was written, by our database’s clock'),
});
export type DriftView = z.infer<typeof driftView>;

export const driftQuery = z.strictObject({
  subscriptionId: z.guid().toLowerCase().optional(),
  state: z.enum(['open', 'repaired', 'over']).optional(),
  reconciliationId: z.guid().toLowerCase().optional().describe('What this sweep found first'),
  since: askedInstant.optional().describe('What was written then or later'),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Drifts of a page, the newest first'),
  after: timeCursor.optional().describe('`next` of the page before'),
});
export type DriftQuery = z.infer<typeof driftQuery>;
