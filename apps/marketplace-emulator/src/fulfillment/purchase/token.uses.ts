import { createHash } from 'node:crypto';
import { limits } from '../../limits';
import type { Collection, Document } from '../../state/document.store';

/** A purchase token that was used up; the id is its hash. */
export type UsedToken = Document;

/**
 * Remembers the purchase tokens that were resolved while the settings let each be used once only (contract 9.2). The oldest are forgotten.
 */
export class TokenUses {
  constructor(private readonly used: Collection<UsedToken>) {}

  isUsed(token: string): boolean {
    return this.used.has(hashOf(token));
  }

  useUp(token: string): void {
    this.used.put({ id: hashOf(token) });
    if (this.used.size > limits.usedPurchaseTokens) this.used.delete((this.used.values().next().value as UsedToken).id);
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
