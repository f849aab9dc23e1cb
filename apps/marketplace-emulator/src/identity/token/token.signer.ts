import { randomBytes } from 'node:crypto';
import { SignJWT, type JWTPayload } from 'jose';
import { limits } from '../../limits';
import type { Clock } from '../../time/clock';
import type { SigningKeys } from './signing.keys';

/** Signs tokens with the current key. Their times are real ones, whatever the emulator's clock shows. */
export class TokenSigner {
  constructor(
    private readonly keys: Pick<SigningKeys, 'current'>,
    private readonly clock: Pick<Clock, 'realNow'>,
  ) {}

  async sign(claims: JWTPayload): Promise<string> {
    const now = Math.floor(this.clock.realNow() / 1_000);
    const { kid, privateKey } = this.keys.current;
    return new SignJWT({
      uti: randomBytes(16).toString('base64url'),
      ...claims,
      iat: now,
      nbf: now,
      exp: now + limits.accessTokenLifeSeconds,
    })
      .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid })
      .sign(privateKey);
  }
}
