import { instant } from '@landfall/contracts';
import { askedInstant } from '@landfall/messaging';
import { z } from 'zod';

const DAY_MS = 86_400_000;
/** By what usage is summed up, and how long a range of it may be, in days. */
const longestDays = { hour: 35, day: 400, term: 4_000 } as const;
const steps = ['hour', 'day', 'term'] as const;

const quantity = z.string().describe('A decimal number');

export const usedQuery = z
  .strictObject({
    from: askedInstant.describe('What was used then or later'),
    to: askedInstant.describe('And before that'),
    by: z.enum(steps).default('day').describe('A sum for each of these: hours and days are UTC'),
  })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), '`from` must be before `to`')
  .refine(
    ({ from, to, by }) => Date.parse(to) - Date.parse(from) <= longestDays[by] * DAY_MS,
    `The range is too long: ${steps.map((by) => `${longestDays[by]} days by ${by}`).join(', ')}`,
  );
export type UsedQuery = z.infer<typeof usedQuery>;

export const usedView = z.object({
  meter: z.string(),
  planId: z.string().nullable().describe('Null: used when there was no plan, or not counted so far'),
  begin: z.string().nullable().describe('Of the hour or the day; the first day of the term. Null by term: of what is counted in no term'),
  used: quantity.describe('What counts: against the plan, and then towards Microsoft'),
  notReportable: z.record(z.string(), quantity).describe('Used when nothing may be reported, by the reason'),
  unrated: quantity.describe('Not counted so far: since it is new, or Microsoft has not named its term'),
});
export type UsedView = z.infer<typeof usedView>;
export const usedAnswer = z.object({ items: z.array(usedView).describe('By meter, plan and time') });

export const includedView = z.object({
  planId: z.string(),
  meter: z.string(),
  term: z.object({ termUnit: z.string(), startDate: z.string(), endDate: z.string().describe('Its last day') }),
  isCurrent: z.boolean().describe('The plan and the term hold now'),
  used: quantity.describe('Counted in the term'),
  included: quantity.nullable().describe('In the term; null: Microsoft’s list was not read so far, or names no number'),
  remaining: quantity.nullable().describe('Never below 0; null as `included`'),
  resetsAt: instant.describe('When the count begins anew'),
});
export type IncludedView = z.infer<typeof includedView>;

export const exportQuery = z
  .strictObject({
    from: askedInstant.describe('Hours that begin then or later'),
    to: askedInstant.optional().describe('And before that; without it: all'),
  })
  .refine(({ from, to }) => to === undefined || Date.parse(from) < Date.parse(to), '`from` must be before `to`');
export type ExportQuery = z.infer<typeof exportQuery>;

/** A line of the export: a key of Microsoft's, flat as far as it can be, so that it goes into a table as it is. */
export const hourView = z.object({
  subscriptionId: z.string(),
  publisherId: z.string(),
  offerId: z.string(),
  planId: z.string(),
  meter: z.string(),
  dimension: z.string(),
  hour: instant.describe('Its first instant: Microsoft’s key with subscription and dimension'),
  quantity: quantity.describe(
    'Reported, or about to be; `accepted`: what Microsoft has; `shadowed`: what would have been reported, and was not',
  ),
  state: z
    .enum(['held', 'waiting', 'accepted', 'uncertain', 'returned', 'carried', 'written-off', 'shadowed'])
    .describe(
      '`carried`: nothing of it is at Microsoft, and the quantity is in later hours; `returned`: nothing is, and the key is tried again; `shadowed`: billing only watched',
    ),
  reason: z
    .string()
    .nullable()
    .describe('Why it is held, was written off, or is uncertain; of a `shadowed` one why it would have been held: `anomaly`'),
  pricePerUnit: z.string().nullable().describe('As Microsoft’s list showed it last; null: not known'),
  currency: z.string().nullable(),
  amount: z.string().nullable().describe('`quantity` times `pricePerUnit`, in whole cents as Microsoft cuts it; null without a price'),
  terms: z.array(z.object({ term: z.string(), quantity })).describe('In which terms it was used, by their first days'),
  handedOverAt: instant,
  changedAt: instant,
  usageEventId: z.string().nullable().describe('Microsoft’s id of the event, of its last answer that has one'),
  answers: z.array(z.record(z.string(), z.unknown())).describe('All that Microsoft answered, in that order'),
});
export type HourView = z.infer<typeof hourView>;
