import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Installation } from '../../installation/installation';
import { limits } from '../../limits';
import type { Clock } from '../../time/clock';

const ivBytes = 12;
const tagBytes = 16;
/** The token's text before encryption; with iv and tag it is 226 bytes, so that base64 ends with an equals sign. */
const plainBytes = 198;

/**
 * The token in the landing page's address: opaque, encrypted, good for any number of uses within 24 hours (contract 3.3). It always holds a
 * plus sign, a slash and an equals sign, the characters that careless decoding breaks (contract 8, row 1).
 */
export class PurchaseTokens {
  private readonly key: Buffer;

  constructor(
    installation: Installation,
    private readonly clock: Clock,
  ) {
    this.key = Buffer.from(installation.purchaseTokenKey, 'base64');
  }

  /** A fresh token, as every click in Microsoft's portals mints one. With a skew, as a clock mints it that is ahead by so much. */
  mint(subscriptionId: string, skewMs = 0): string {
    const plain = Buffer.alloc(plainBytes, ' ');
    plain.write(JSON.stringify({ subscriptionId, mintedAtMs: this.clock.now() + skewMs }));
    for (;;) {
      const token = this.encrypt(plain); // another iv, another text: about one in twenty lacks one of the two characters
      if (token.includes('+') && token.includes('/')) return token;
    }
  }

  /**
   * The subscription id in a token; `invalid` when it was not minted here or was damaged on its way, `early` when its time is still to
   * come.
   */
  read(token: string): { subscriptionId: string } | 'invalid' | 'expired' | 'early' {
    if (token.length > limits.purchaseTokenCharacters || !/^[A-Za-z0-9+/]+={0,2}$/.test(token)) return 'invalid';
    const sealed = Buffer.from(token, 'base64');
    if (sealed.length !== ivBytes + plainBytes + tagBytes) return 'invalid';
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.key, sealed.subarray(0, ivBytes)).setAuthTag(sealed.subarray(-tagBytes));
      const plain = Buffer.concat([decipher.update(sealed.subarray(ivBytes, -tagBytes)), decipher.final()]);
      const { subscriptionId, mintedAtMs } = JSON.parse(plain.toString('utf8')) as { subscriptionId: string; mintedAtMs: number };
      const ageMs = this.clock.now() - mintedAtMs;
      if (ageMs > limits.purchaseTokenLifeMs) return 'expired';
      return ageMs < -limits.purchaseTokenEarlyMs ? 'early' : { subscriptionId };
    } catch {
      return 'invalid'; // the tag does not fit: damaged, or somebody else's
    }
  }

  private encrypt(plain: Buffer): string {
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv);
    return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64');
  }
}
