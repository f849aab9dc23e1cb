import { z } from 'zod';
import { limits } from '../limits';

/** The work of the call is done, and the answer is this nevertheless: what a lost answer looks like to the caller. */
const afterWork = z.boolean().optional();

const headerName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const ofConnection = new Set(['content-length', 'transfer-encoding', 'connection', 'keep-alive', 'trailer', 'upgrade']);
const headerValue = z.string().regex(/^[\t\x20-\x7e]{0,1000}$/, 'must be printable ASCII, up to 1000 characters');
const headers = z.record(z.string(), headerValue).superRefine((all, context) => {
  const names = Object.keys(all);
  if (names.length > limits.faultHeaders) context.addIssue(`must be at most ${limits.faultHeaders}`);
  for (const name of names) {
    if (!headerName.test(name)) context.addIssue({ code: 'custom', path: [name], message: 'is not the name of a header' });
    if (ofConnection.has(name.toLowerCase()))
      context.addIssue({ code: 'custom', path: [name], message: 'belongs to the connection and cannot be set' });
  }
});

const body = z
  .unknown()
  .refine((value) => value === undefined || isSmall(value), `must be JSON or text of up to ${limits.faultBodyCharacters} characters`);

/** What can go wrong with a call of the fulfillment, metering and identity services. */
export const apiEffects = [
  /** An answer of one's own instead of the real one. Without a body it is what the service is seen to write at that status (contract 3.1.2). */
  z.strictObject({
    effect: z.literal('status'),
    status: z.int().min(200).max(599),
    body: body.optional(),
    /** Seconds, or any text: a date, or what a date is not. */
    retryAfter: z.union([z.int().min(0), headerValue], 'must be whole seconds, or a text').optional(),
    headers: headers.optional(),
    afterWork,
  }),
] as const;

export type ApiEffect = z.infer<(typeof apiEffects)[number]>;

/** Effects of one group exclude each other in a rule. */
export const apiEffectGroups: Record<ApiEffect['effect'], string> = {
  status: 'answer',
};

const deepestBody = 20;

function isSmall(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= limits.faultBodyCharacters;
  return isShallow(value, deepestBody) && JSON.stringify(value).length <= limits.faultBodyCharacters;
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((member) => isShallow(member, levels - 1));
}
