import { BadRequestException, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { jobStates } from './job/job.view';
import { askedInstant } from './page';

const largestId = 2n ** 63n - 1n;
const number = z
  .string()
  .regex(/^\d{1,19}$/, 'It is a number')
  .refine((text) => /^\d{1,19}$/.test(text) && BigInt(text) <= largestId, 'It is out of range');
const line = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^[^\p{Cc}]*$/u, 'It holds no control characters')
    .refine((text) => text.isWellFormed(), 'It holds no half characters');

const paging = {
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Items of a page'),
  after: number.optional().describe('`next` of the page before'),
};

export const deadLetterQuery = z.strictObject({
  state: z.enum(['waiting', 'failing', 'dead']).optional(),
  consumer: line(300).optional(),
  key: z.string().max(8192).optional().describe('The whole key, percent-encoded'),
  ...paging,
});
export const jobQuery = z.strictObject({
  state: z.enum(jobStates).optional().describe('Without it, those that wait for an operator: `dead` and `unknown`'),
  kind: line(300).optional(),
  key: line(8192).optional(),
  ...paging,
});
export const operatorActQuery = z.strictObject({ actor: line(300).optional(), subject: line(300).optional(), ...paging });

/** As `GET` shows it: without leading zeros, so that one letter has one name in the record of acts. */
export const deadLetterId = number.regex(/^(0|[1-9]\d*)$/, 'It is a number without leading zeros');
/** In lower case, as it is stored: one job has one name in the record of acts. */
export const jobId = z.uuid().toLowerCase();

/** Why an operator does it, for the record. */
export const actRequest = z.strictObject({
  reason: line(500)
    .trim()
    .min(1)
    .refine(
      (text) => !/[\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(text),
      'It holds nothing that breaks the line or turns the direction of the text',
    )
    .describe('Why, for the record; no personal data'),
});
export type ActRequest = z.infer<typeof actRequest>;

export const topicName = z.string().regex(/^[A-Za-z0-9._-]{1,249}$/, 'It is no name of a topic');
export const republishRequest = actRequest.extend({
  since: askedInstant.optional().describe('Only what was written at this instant or later; without it, all that is kept'),
  until: askedInstant.optional().describe('Only what was written before this instant'),
  key: line(300).min(1).optional().describe('Only messages with this key, which mostly is the id of a subscription'),
});
export type RepublishRequest = z.infer<typeof republishRequest>;
export const rebuildRequest = actRequest.extend({ after: line(300).optional().describe('`after.next` of the act before') });
export type RebuildRequest = z.infer<typeof rebuildRequest>;

const idempotencyKeyPattern = /^[\x21-\x7e]{1,200}$/;

/** The `Idempotency-Key` of a request and its correlation id. */
export interface RequestMarks {
  readonly idempotencyKey: string;
  readonly correlationId: string;
}

/** Without the header, or with one that is no key, the request is answered with 400. */
export const Marks = createParamDecorator((_: unknown, context: ExecutionContext): RequestMarks => {
  const { headers, id } = context.switchToHttp().getRequest<FastifyRequest>();
  const idempotencyKey = headers['idempotency-key'];
  if (typeof idempotencyKey !== 'string' || !idempotencyKeyPattern.test(idempotencyKey))
    throw new BadRequestException('An act needs the header Idempotency-Key: 1 to 200 printable ASCII characters without spaces');
  return { idempotencyKey, correlationId: id };
});
