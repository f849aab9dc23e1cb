import { actRequest } from '@landfall/messaging';
import { decimal } from '@landfall/contracts';
import { z } from 'zod';
import { HOUR_MS } from '../ledger/hours';
import { microsOf } from '../ledger/micros';

export const hourStates = ['held', 'waiting', 'accepted', 'uncertain', 'returned', 'carried', 'written-off', 'shadowed'] as const;

/** An hour as operators see it. */
export const hourView = z.object({
  subscriptionId: z.guid(),
  dimension: z.string(),
  hour: z.iso.datetime().describe('Its first instant, in UTC'),
  publisherId: z.string(),
  planId: z.string(),
  meter: z.string(),
  quantity: z
    .string()
    .describe('Reported, or about to be; `accepted`: what Microsoft has; `shadowed`: what would have been reported, and was not'),
  state: z
    .enum(hourStates)
    .describe(
      '`held`: an operator confirms it, or writes it off. `uncertain`: Microsoft may have it; its list decides three days later, or an operator. `returned`: its key may be used again. `carried`: its units are due in a later hour. `shadowed`: billing only watched, and nothing of it is ever sent',
    ),
  reason: z
    .string()
    .nullable()
    .describe(
      'Of a held one `anomaly`, or Microsoft’s word, and it stays when the hour is written off; of an uncertain one `undecided` where its list could not decide; of a shadowed one `anomaly` where it would have been held; null otherwise',
    ),
  effectiveStart: z.iso.datetime(),
  deadline: z.iso.datetime().describe('Behind it nothing of the hour is sent: what is confirmed then goes with a later one'),
  answers: z.array(z.unknown()).describe('What Microsoft answered, in that order'),
  decisions: z.array(z.unknown()).describe('What its list and operators decided, in that order'),
  changedAt: z.iso.datetime(),
});
export type HourView = z.infer<typeof hourView>;

const cursorPattern = /^\d{4}-\d\d-\d\dT\d\d:00:00Z_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}_.{1,100}$/;

export const hourQuery = z.strictObject({
  state: z
    .enum(hourStates)
    .optional()
    .describe(
      'Of one state; `held` and `uncertain` wait for somebody. Without it: all of the subscription that is named, and `held` ones where none is',
    ),
  subscriptionId: z.guid().toLowerCase().optional().describe('Of one subscription alone'),
  day: z.iso.date().optional().describe('Of one day alone, in UTC: as differences name it'),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Hours of a page, the oldest first'),
  after: z.string().regex(cursorPattern, 'It is no `next` of a page').optional().describe('`next` of the page before'),
});
export type HourQuery = z.infer<typeof hourQuery>;

/** An hour by its name, as the path has it: Microsoft's own key. */
export const hourKey = z.object({
  subscriptionId: z.guid().toLowerCase(),
  dimension: z.string().min(1).max(100),
  hour: z.iso
    .datetime()
    .refine((text) => Date.parse(text) % HOUR_MS === 0, 'It is the first instant of an hour, in UTC: 2026-06-06T10:00:00Z')
    .transform((text) => Date.parse(text)),
});
export type HourKey = z.infer<typeof hourKey>;

/** What is no number has been refused by its form, and is asked all the same. */
const isAboveZero = (text: string): boolean => !decimal.safeParse(text).success || microsOf(text) > 0n;

export const acceptanceRequest = actRequest.extend({
  quantity: decimal
    .refine(isAboveZero, 'It is above 0: where Microsoft has nothing, the hour is carried')
    .describe('What Microsoft has under this hour, as Partner Center shows it'),
});
export type AcceptanceRequest = z.infer<typeof acceptanceRequest>;
