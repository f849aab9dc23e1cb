import { readFileSync, statSync } from 'node:fs';
import { limits } from '../limits';
import type { Offer } from './offer';
import { offersSchema } from './offer.schema';

/**
 * The offers in a file: a list, or what `GET /control/offers` answers.
 * @throws with a sentence that names the file
 */
export function readOffersFile(path: string): Offer[] {
  try {
    if (statSync(path).size > limits.offersFileBytes) throw new Error(`it is longer than ${limits.offersFileBytes} bytes`);
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return offersFrom(isAnswer(content) ? content.offers : content);
  } catch (error) {
    throw new Error(`The offers in ${path} cannot be taken: ${(error as Error).message}`, { cause: error });
  }
}

/** @throws with a sentence that names every member that is wrong, and what would be right */
export function offersFrom(input: unknown): Offer[] {
  const result = offersSchema.safeParse(input);
  const foreign = result.data?.findIndex(({ applicationId }) => applicationId !== undefined) ?? -1;
  if (result.success && foreign < 0) return result.data;
  const problems = result.error?.issues.map(({ path, message }) => `${path.join('.') || 'offers'}: ${message}`) ?? [
    `${foreign}.applicationId: no other application is known at the start; name it by PUT /control/offers/{offerId}`,
  ];
  throw new Error(`Wrong offers: ${problems.join('; ')}`);
}

function isAnswer(content: unknown): content is { offers: unknown } {
  return typeof content === 'object' && content !== null && 'offers' in content;
}
