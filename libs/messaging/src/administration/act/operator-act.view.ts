import { z } from 'zod';

/** The acts that every service has; a service has others on what it owns. */
export const commonActs = [
  'dead-letter.retry',
  'dead-letter.discard',
  'job.retry',
  'job.discard',
  'topic.republish',
  'topic.rebuild',
] as const;

/** An act as it stands in the service's record. */
export const recordedAct = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  act: z
    .templateLiteral([z.string(), '.', z.string()])
    .describe('`dead-letter.retry`; a service has acts of its own beside those that all have'),
  subject: z.string().describe('`dead-letters/17`'),
  actor: z.string().describe('The object id of the operator'),
  reason: z.string(),
  idempotencyKey: z.string(),
  correlationId: z.string(),
  before: z.looseObject({}).describe('What it was, without its data'),
  after: z.looseObject({}).describe('What it became'),
});
export type RecordedAct = z.infer<typeof recordedAct>;
export type ActName = RecordedAct['act'];
