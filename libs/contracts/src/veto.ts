import { z } from 'zod';
import type { JsonSchema } from './json-schema';
import { tenantReference, uuid } from './shapes';

/** What customers are told of a veto is cut after so many characters (UTF-16). */
export const vetoReasonLength = 500;
/** What they are told where the product said no and nothing that can be read. */
const NO_REASON = 'This change is not possible at the moment. Please contact us.';

const planAndSeats = z.object({
  planId: z.string(),
  quantity: z.int().positive().nullable().describe('Seats; null for a flat-rate plan.'),
});

/**
 * What a product is asked about a change that its customer wants at Microsoft. Nothing in it is personal. The same question may come again, and then has the same
 * `webhook-id`; another one about the same operation has another.
 */
export const vetoQuestion = z.object({
  subscriptionId: uuid,
  operationId: uuid.describe('The operation of Microsoft that would make the change.'),
  action: z.enum(['ChangePlan', 'ChangeQuantity']),
  publisherId: z.string(),
  offerId: z.string().describe('Without the ending -preview.'),
  isPreview: z.boolean(),
  tenantReference: tenantReference.nullable().describe('What the product called the tenant when it had set it up; null where it has none.'),
  from: planAndSeats.describe('What the subscription has now.'),
  to: planAndSeats.describe('What it would have. The two differ in what the action is about.'),
});
export type VetoQuestion = z.infer<typeof vetoQuestion>;

/** What a product answers. */
export const vetoAnswer = z.discriminatedUnion('allowed', [
  z.object({ allowed: z.literal(true) }),
  z.object({
    allowed: z.literal(false),
    reason: z.string().min(1).max(vetoReasonLength).describe("In words for the customer's administrator, to whom Microsoft shows them."),
  }),
]);
export type VetoAnswer = z.infer<typeof vetoAnswer>;

/**
 * What the body of an answer says; undefined where it is no answer. A plain no counts also where its reason breaks the schema: line breaks and what else a
 * terminal does not show become blanks, what is too long is cut.
 */
export function readVetoAnswer(body: unknown): VetoAnswer | undefined {
  const { allowed, reason } = (typeof body === 'object' && body !== null ? body : {}) as { allowed?: unknown; reason?: unknown };
  if (allowed === true) return { allowed };
  return allowed === false ? { allowed, reason: (typeof reason === 'string' && cleaned(reason)) || NO_REASON } : undefined;
}

/** One line, as `line` has it, of a bounded length, and without half a letter at its end. */
const cleaned = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .trim()
    .slice(0, vetoReasonLength)
    .replace(/[\ud800-\udbff]$/, '');

/** The JSON Schema of the question and of its answer, for whoever writes a product's endpoint. */
export function vetoJsonSchemas(): { readonly question: JsonSchema; readonly answer: JsonSchema } {
  const schemaOf = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' }) as JsonSchema;
  return { question: schemaOf(vetoQuestion), answer: schemaOf(vetoAnswer) };
}
