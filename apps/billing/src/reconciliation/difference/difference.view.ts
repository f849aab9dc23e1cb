import { z } from 'zod';
import { differenceKinds, differenceStates } from './difference';

const decimal = z.string();

/** A difference as operators see it. */
export const differenceView = z.object({
  number: z.string(),
  kind: z
    .enum(differenceKinds)
    .describe(
      '`mismatch`: what Microsoft processed is not what was sent. `rejected`: its pipeline refused it. `missing`: we have it accepted, and a list that was read five days after the beginning of the day, or later, does not show it. `unexpected`: it has more than we sent',
    ),
  state: z
    .enum(differenceStates)
    .describe('`dismissed`: an operator has explained it, and it has not changed since. `over`: a later list agrees'),
  publisherId: z.string(),
  subscriptionId: z.guid(),
  dimension: z.string(),
  planId: z.string(),
  day: z.iso.date().describe('In UTC'),
  quantity: decimal.describe('By how many units it differs'),
  ours: decimal.describe('What we have accepted of the day'),
  unknown: decimal.describe('What else may have reached Microsoft: uncertain, or not answered yet'),
  submitted: decimal.describe('What Microsoft’s list has as sent, 0 where it has no such row'),
  processed: decimal,
  foundAt: z.iso.datetime(),
  lastFoundAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
});
export type DifferenceView = z.infer<typeof differenceView>;

export const differenceQuery = z.strictObject({
  state: z.enum(differenceStates).optional(),
  kind: z.enum(differenceKinds).optional(),
  subscriptionId: z.guid().toLowerCase().optional().describe('Of one subscription alone'),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Differences of a page'),
  after: z
    .string()
    .regex(/^\d{1,18}$/, 'It is no `next` of a page')
    .optional()
    .describe('`next` of the page before'),
});
export type DifferenceQuery = z.infer<typeof differenceQuery>;

export const differenceNumber = z.string().regex(/^(0|[1-9]\d{0,17})$/, 'It is a number without leading zeros');
