import { access, cause, instant, planAndQuantity } from '@landfall/contracts';
import { askedInstant } from '@landfall/messaging';
import { z } from 'zod';

const actor = z.object({
  kind: z.enum(['microsoft', 'customer', 'operator', 'product', 'reconciliation', 'rules']),
  id: z.string().optional().describe('The object id of a person; never a name or an e-mail'),
});

/** One entry of the history of a subscription. */
export const transitionView = z.object({
  subscriptionId: z.string(),
  entry: z.int().describe('1, 2, 3 … without gaps within a subscription: the order in which the record took it over'),
  summary: z.string().describe('What happened, in a sentence'),
  event: z.string().describe('The type of its public event, or what happened to the record without one, such as `operation-decided`'),
  version: z.int().describe('Of the record after it'),
  sequence: z.int().nullable().describe('Of its public event; null where it has none'),
  actor: actor.describe('Who brought it about'),
  onBehalfOf: actor.nullable().describe('For whom, where that is somebody else'),
  cause,
  operationId: z.string().nullable().describe('Microsoft’s operation, where one led to it'),
  action: z.string().nullable(),
  reason: z.string().nullable(),
  correlationId: z.string().nullable().describe('The same in the log and in every message of this course of events'),
  causationId: z.string().nullable().describe('The message or job that was decided about'),
  from: planAndQuantity.extend({ access }),
  to: planAndQuantity.extend({ access }),
  changes: z
    .array(z.object({ field: z.string(), from: z.unknown(), to: z.unknown() }))
    .describe(
      'Every field of the record that it changed, by the names of `GET /subscriptions/{id}`, of the operation that it is about (`operation.status`), and of ' +
        'our request (`request.planId`). None: it adds why, or since when',
    ),
  effectiveAt: instant.nullable().describe('When it became true at Microsoft; null where that is unknown'),
  effectiveBetween: z.object({ from: instant, to: instant }).nullable().describe('Where that is unknown: between which instants'),
  observedAt: instant.describe('When we learnt it'),
  recordedAt: instant.describe('When it was written, by our database’s clock'),
});
export type TransitionView = z.infer<typeof transitionView>;

export const historyPage = z.object({
  items: z.array(transitionView),
  next: z.string().nullable().describe('`after` of the next page; null at the end'),
});

/** The highest number of an entry: that of an `int` in Postgres. */
const highestEntry = 2_147_483_647;

export const historyQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100).describe('Entries of a page, the oldest first'),
  after: z.coerce.number().int().min(0).max(highestEntry).default(0).describe('`next` of the page before'),
});
export type HistoryQuery = z.infer<typeof historyQuery>;

export const exportQuery = z
  .strictObject({
    from: askedInstant.describe('What was written then or later'),
    to: instant.optional().describe('And before that; without it: all up to now'),
  })
  .refine(({ from, to }) => to === undefined || Date.parse(from) < Date.parse(to), '`from` must be before `to`');
export type ExportQuery = z.infer<typeof exportQuery>;
