import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Installation } from '../../installation/installation';
import { limits } from '../../limits';
import type { Clock } from '../../time/clock';

/** What a person has agreed to, for as long as the refresh token lives. */
export interface RefreshGrant {
  clientId: string;
  personId: string;
  scope: string;
}

const ivBytes = 12;
const tagBytes = 16;

/**
 * Refresh tokens, for an application that asked for `offline_access`. They contain what they stand for, encrypted, so that none has to be
 * kept and they outlive a restart. Like Entra's they may be used any number of times; each use brings a fresh one. Their life is real time.
 */
export class RefreshTokens {
  private readonly key: Uint8Array;

  constructor(
    { purchaseTokenKey }: Pick<Installation, 'purchaseTokenKey'>,
    private readonly clock: Pick<Clock, 'realNow'>,
  ) {
    this.key = new Uint8Array(hkdfSync('sha256', Buffer.from(purchaseTokenKey, 'base64'), '', 'refresh token', 32));
  }

  issue(grant: RefreshGrant): string {
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv);
    const plain = JSON.stringify({ ...grant, issuedAtMs: this.clock.realNow() });
    return `1.${Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url')}`;
  }

  read(token: string): RefreshGrant | 'invalid' | 'expired' {
    if (token.length > limits.refreshTokenCharacters || !/^1\.[A-Za-z0-9_-]+$/.test(token)) return 'invalid';
    const sealed = Buffer.from(token.slice(2), 'base64url');
    if (sealed.length <= ivBytes + tagBytes) return 'invalid';
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.key, sealed.subarray(0, ivBytes)).setAuthTag(sealed.subarray(-tagBytes));
      const plain = Buffer.concat([decipher.update(sealed.subarray(ivBytes, -tagBytes)), decipher.final()]);
      const { issuedAtMs, ...grant } = JSON.parse(plain.toString('utf8')) as RefreshGrant & { issuedAtMs: number };
      return this.clock.realNow() - issuedAtMs > limits.refreshTokenLifeMs ? 'expired' : grant;
    } catch {
      return 'invalid'; // the tag does not fit: damaged, or not issued here
    }
  }
}
