import type { PurchaseTokens } from '../fulfillment/purchase/purchase.tokens';
import { limits } from '../limits';
import { fingerprintOf } from './bearer.reading';

/** What was done to a purchase token on its way, as far as undoing it gives a token of ours (contract 8, 1). */
export type Damage =
  | 'blank-for-plus' // read as a form, where a plus sign means a blank
  | 'still-encoded' // not decoded, or encoded again
  | 'unknown';

/** The purchase token of a Resolve, without the token. */
export interface PurchaseTokenReading {
  fingerprint: string;
  /** Null: it is whole. */
  damage: Damage | null;
  isExpired: boolean;
  /** Null: it cannot be read, or has expired. */
  subscriptionId: string | null;
}

/** How often a token may have been encoded, at most. */
const encodings = 3;

export function readPurchaseToken(token: string, tokens: Pick<PurchaseTokens, 'read'>): PurchaseTokenReading {
  const read = tokens.read(token);
  return {
    fingerprint: fingerprintOf(token),
    damage: read === 'invalid' ? damageOf(token, tokens) : null,
    isExpired: read === 'expired',
    subscriptionId: typeof read === 'string' ? null : read.subscriptionId,
  };
}

function damageOf(token: string, tokens: Pick<PurchaseTokens, 'read'>): Damage {
  if (token.length > limits.purchaseTokenCharacters * encodings) return 'unknown';
  const isOurs = (text: string) => tokens.read(text) !== 'invalid';
  if (isOurs(token.replaceAll(' ', '+'))) return 'blank-for-plus';
  let decoded = token;
  for (let time = 0; time < encodings; time++) {
    decoded = decodedOnce(decoded);
    if (isOurs(decoded)) return 'still-encoded';
  }
  return 'unknown';
}

function decodedOnce(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that encodes nothing: it was not encoded
  }
}
