import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import { limits } from '../limits';
import type { Clock } from '../time/clock';
import type { SigningKeys } from './signing.keys';

/** Checks tokens that this identity service has issued. */
export class BearerTokens {
  /** Tokens that were verified, with the end of their life. A withdrawn key ends a token only when it has left this memory. */
  private readonly verified = new Map<string, JWTPayload>();

  constructor(
    private readonly keys: SigningKeys,
    private readonly clock: Clock,
  ) {}

  /** The claims of a token that we signed for `audience` and that is still alive; undefined for everything else. */
  async verify(authorization: string | undefined, audience: string): Promise<JWTPayload | undefined> {
    const token = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
    if (!token || token.length > limits.bearerTokenCharacters) return undefined;
    const known = this.verified.get(token);
    const claims = known ?? (await this.check(token));
    if (!claims || claims.aud !== audience || (claims.exp ?? 0) * 1_000 <= this.clock.realNow()) return undefined;
    if (!known) this.remember(token, claims);
    return claims;
  }

  private async check(token: string): Promise<JWTPayload | undefined> {
    try {
      const key = this.keys.publicKey(decodeProtectedHeader(token).kid);
      return key && (await jwtVerify(token, key, { algorithms: ['RS256'], currentDate: new Date(this.clock.realNow()) })).payload;
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined; // not a token of ours: TypeError is how jose says "not a JWT"
      throw error;
    }
  }

  private remember(token: string, claims: JWTPayload): void {
    const oldest = this.verified.keys().next();
    if (this.verified.size >= limits.rememberedBearerTokens && !oldest.done) this.verified.delete(oldest.value);
    this.verified.set(token, claims);
  }
}
