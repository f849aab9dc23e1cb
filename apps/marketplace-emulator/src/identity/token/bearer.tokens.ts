import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import { limits } from '../../limits';
import type { Clock } from '../../time/clock';
import type { SigningKeys } from './signing.keys';

interface Verified {
  kid: string;
  claims: JWTPayload;
}

/** Checks tokens that this identity service has issued. */
export class BearerTokens {
  /** Tokens that were verified. The end of their life and the withdrawal of their key are looked at each time. */
  private readonly verified = new Map<string, Verified>();

  constructor(
    private readonly keys: Pick<SigningKeys, 'publicKey'>,
    private readonly clock: Pick<Clock, 'realNow'>,
  ) {}

  /** The claims of a token that we signed for `audience` and that is still alive; undefined for everything else. */
  async verify(authorization: string | undefined, audience: string): Promise<JWTPayload | undefined> {
    const token = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
    if (!token || token.length > limits.bearerTokenCharacters) return undefined;
    const known = this.verified.get(token);
    const verified = known ?? (await this.check(token));
    if (!verified || !this.keys.publicKey(verified.kid)) return undefined;
    const { claims } = verified;
    if (claims.aud !== audience || (claims.exp ?? 0) * 1_000 <= this.clock.realNow()) return undefined;
    if (!known) this.keep(token, verified);
    return claims;
  }

  private async check(token: string): Promise<Verified | undefined> {
    try {
      const { kid } = decodeProtectedHeader(token);
      const key = this.keys.publicKey(kid);
      if (!kid || !key) return undefined;
      const { payload } = await jwtVerify(token, key, { algorithms: ['RS256'], currentDate: new Date(this.clock.realNow()) });
      return { kid, claims: payload };
    } catch (error) {
      // not a token of ours: jose throws TypeError for what is not a JWT
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  }

  private keep(token: string, verified: Verified): void {
    const oldest = this.verified.keys().next();
    if (this.verified.size >= limits.rememberedBearerTokens && !oldest.done) this.verified.delete(oldest.value);
    this.verified.set(token, verified);
  }
}
