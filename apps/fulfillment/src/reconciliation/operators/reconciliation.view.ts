import { actRequest } from '@landfall/messaging';
import { z } from 'zod';
import { answers, findings, questions } from '../reconciliation';

const count = z.int();

/** A sweep as operators see it. */
export const reconciliationView = z.object({
  id: z.uuid(),
  registration: z.string(),
  occasion: z.enum(['timer', 'operator']),
  isWhole: z.boolean().describe('Everything was read, and not only what differs: once a day'),
  state: z.enum(['running', 'complete', 'incomplete']),
  reason: z.string().nullable().describe('Why it is incomplete'),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  tally: z.object({
    ...{ pages: count, read: count, published: count, others: count, unread: count },
    unnamed: count.describe(
      'Entries of the list that do not say of which subscription they are: with one of them nothing is called missing',
    ),
    unlisted: count.describe('Read, but what awaits our answer could not be listed'),
    operations: count,
  }),
  found: z
    .object({ known: count, missing: count, ended: count, unknown: count })
    .nullable()
    .describe(
      'How many subscriptions the record has alive, and how many of them (at least) are missing or ended at Microsoft. Of an incomplete one null where it read no end and nothing unknown, or while another question is open; it calls nothing missing',
    ),
  asks: z.array(z.enum(questions)).describe('What an operator is asked'),
  answers: z
    .object({ loss: z.enum(answers).optional(), import: z.enum(answers).optional() })
    .describe(
      'How each question was answered; `superseded`: a newer sweep has asked instead; `withdrawn`: its dismissal was taken back, the next sweep asks anew. One that is not there is open',
    ),
});
export type ReconciliationView = z.infer<typeof reconciliationView>;

/** At most 100 of each. */
export const reconciliationDetail = reconciliationView.extend({
  findings: z.array(z.object({ subscriptionId: z.uuid(), finding: z.enum(findings) })).describe('What is kept back; 100 at most'),
  missing: z.array(z.object({ subscriptionId: z.uuid(), missed: count })).describe('What complete sweeps do not show; 100 at most'),
  dismissed: z
    .array(z.object({ subscriptionId: z.uuid(), finding: z.enum([...findings, 'missing']) }))
    .describe('What was dismissed with it and still differs; 100 at most'),
});
export type ReconciliationDetail = z.infer<typeof reconciliationDetail>;

export const answerRequest = actRequest.extend({
  questions: z
    .array(z.enum(questions))
    .min(1)
    .refine((given) => new Set(given).size === given.length, 'It names a question twice')
    .optional()
    .meta({ description: 'Which of its questions this answers, each once; without it, all that are open', uniqueItems: true }),
});
export type AnswerRequest = z.infer<typeof answerRequest>;

export const reconciliationRequest = actRequest.extend({
  registration: z.string().default('default').describe('Whose list: the name of the registration'),
});
export type ReconciliationRequest = z.infer<typeof reconciliationRequest>;
