import { createPublicKey, hash, verify, type JsonWebKey, type KeyObject } from 'node:crypto';

/** RFC 7518, section 3.3. */
const SMALLEST_MODULUS_BITS = 2048;
/** Tokens that are remembered of one key, the last ones: about 100 bytes each. */
export const REMEMBERED_TOKENS = 1_000;

/** An authority's public key that is too weak to prove anything. */
export class WeakKey extends Error {
  readonly code = 'WEAK_KEY';
  readonly retriable = false;
}

/**
 * A public RSA key of an authority, and by their hashes the tokens that it was seen to have signed: whoever sends a token again costs no second signature. Nothing else of a token
 * is remembered. What its claims say, and whether the key still counts, is asked each time; a key that is read anew begins without any.
 */
export class SigningKey {
  private readonly signed = new Set<string>();

  /** @throws WeakKey below 2048 bits, TypeError where it is no public RSA key */
  constructor(readonly publicKey: KeyObject) {
    if (publicKey.type !== 'public' || publicKey.asymmetricKeyType !== 'rsa') throw new TypeError('a signing key is a public RSA key');
    const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
    if (bits < SMALLEST_MODULUS_BITS) throw new WeakKey(`a signing key has ${bits} bits, and needs ${SMALLEST_MODULUS_BITS}`);
  }

  /** @throws as the constructor, and Error where the JWK is no key */
  static fromJwk(jwk: object): SigningKey {
    return new SigningKey(createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }));
  }

  /** How many tokens are remembered. */
  get remembered(): number {
    return this.signed.size;
  }

  /** Whether it signed this compact JWS by RS256. Its header is the caller's to judge: the algorithm that it names, and extensions (`crit`), which nobody here knows. */
  hasSigned(token: string): boolean {
    const digest = hash('sha256', token, 'base64url');
    if (this.signed.has(digest)) return true;
    const end = token.lastIndexOf('.');
    const signature = Buffer.from(token.slice(end + 1), 'base64url');
    if (!verify('RSA-SHA256', Buffer.from(token.slice(0, end), 'latin1'), this.publicKey, signature)) return false;
    this.remember(digest);
    return true;
  }

  private remember(digest: string): void {
    if (this.signed.size >= REMEMBERED_TOKENS) for (const oldest of this.signed.values()) if (this.signed.delete(oldest)) break;
    this.signed.add(digest);
  }
}
