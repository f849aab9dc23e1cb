import { z } from 'zod';
import { refusalCodes, results, waits } from './usage';

/** What `POST /usage` says of one event. */
const resultView = z.object({
  source: z.string().nullable().describe('Of the event; null where it could not be read'),
  id: z.string().nullable(),
  result: z
    .enum(results)
    .describe(
      '`accepted`: it counts. `duplicate`: the same was taken before. `held`: it counts once its subscription or meter is known. `refused`: it does not count, and never will',
    ),
  waitsFor: z.enum(waits).optional().describe('Of what is held: what is not known'),
  code: z.enum(refusalCodes).optional().describe('Of what is refused: why'),
  reason: z.string().optional().describe('The same in words'),
});
export const resultsView = z.object({ results: z.array(resultView).describe('One for each event, in their order') });
export type ResultsView = z.infer<typeof resultsView>;

const subscriptionId = z.guid().toLowerCase().optional().describe('Of one subscription alone');
const limit = z.coerce.number().int().min(1).max(200).default(50).describe('Records of a page');
const after = z
  .string()
  .regex(/^\d{1,18}$/, 'It is no `next` of a page')
  .optional()
  .describe('`next` of the page before');

export const heldQuery = z.strictObject({ subscriptionId, limit, after });
export type HeldQuery = z.infer<typeof heldQuery>;
export const refusedQuery = heldQuery.extend({ code: z.enum(refusalCodes).optional().describe('Refused for this reason alone') });
export type RefusedQuery = z.infer<typeof refusedQuery>;

/** So much of a record is shown. */
export const SHOWN_BYTES = 2_000;

const cameBy = {
  partition: z.int().nullable().describe('Where it lies on the topic; null where it came by HTTP'),
  offset: z.string().nullable(),
  content: z.string().describe(`Its first ${SHOWN_BYTES} bytes, as text`),
  bytes: z.int().describe('How many are kept of it'),
};

export const refusedView = z.object({
  number: z.string(),
  code: z.enum(refusalCodes),
  reason: z.string(),
  source: z.string().nullable(),
  id: z.string().nullable(),
  subscriptionId: z.guid().nullable().describe('Null where it could not be read'),
  ...cameBy,
  refusedAt: z.iso.datetime(),
});
export type RefusedView = z.infer<typeof refusedView>;

export const heldView = z.object({
  number: z.string(),
  source: z.string(),
  id: z.string(),
  subscriptionId: z.guid(),
  meter: z.string(),
  usedAt: z.iso.datetime(),
  quantity: z.string(),
  waitsFor: z.enum(waits).describe('What is not known of it: its subscription, or its meter in the catalog'),
  ...cameBy,
  heldAt: z.iso.datetime(),
});
export type HeldView = z.infer<typeof heldView>;
