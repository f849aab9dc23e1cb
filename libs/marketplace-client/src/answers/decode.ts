import type { z } from 'zod';
import { MarketplaceAnswerUnreadable, type FailureDetails } from '../marketplace.errors';

/**
 * Reads the body of a successful answer. Fails with MarketplaceAnswerUnreadable that names the first field at fault and never shows a
 * value: bodies hold names and e-mail addresses, and errors end in logs.
 */
export function decode<T>(schema: z.ZodType<T>, body: string, details: FailureDetails = {}): T {
  const result = schema.safeParse(parseJson(body, details));
  if (result.success) return result.data;
  const { field, problem } = firstFault(result.error);
  throw new MarketplaceAnswerUnreadable(field, problem, details);
}

export function firstFault(error: z.ZodError): { field: string; problem: string } {
  const issue = error.issues[0];
  // zod's own texts may repeat what was sent; only ours, and the kinds of JSON, are safe to pass on
  const problem =
    issue?.code === 'custom' ? issue.message : issue?.code === 'invalid_type' ? `is not of kind ${issue.expected}` : 'is not as documented';
  return { field: issue?.path.join('.') || '(body)', problem };
}

function parseJson(body: string, details: FailureDetails): unknown {
  if (body.trim() === '') return undefined; // an empty body is how an empty list may look (contract 3.5)
  try {
    return JSON.parse(body);
  } catch {
    // the parser's message quotes the body, so it is left out
    throw new MarketplaceAnswerUnreadable('(body)', 'is not JSON', details);
  }
}
