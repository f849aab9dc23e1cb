import type { Subscription } from './subscription';

/**
 * What the private offer takes off the list price of a term that begins then, in per cent. It is for its own plan alone, and ends at its
 * expiry: what renews by itself after that does so at list price (contract 1.2). The API shows none of it.
 */
export function discountOf({ privateOffer }: Pick<Subscription, 'privateOffer'>, planId: string, termStartMs: number): number {
  if (privateOffer?.planId !== planId) return 0;
  const hasExpired = privateOffer.expiresAt !== undefined && Date.parse(privateOffer.expiresAt) <= termStartMs;
  return hasExpired ? 0 : (privateOffer.discountPercent ?? 0);
}
