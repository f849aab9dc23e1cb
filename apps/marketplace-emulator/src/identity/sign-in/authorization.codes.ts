import { randomBytes } from 'node:crypto';
import { limits } from '../../limits';
import type { Clock } from '../../time/clock';

/** What the application keeps back the verifier of until it redeems its code (RFC 7636). */
export interface CodeChallenge {
  method: 'S256' | 'plain';
  value: string;
}

/** What a person agreed to, kept until the application redeems its code. */
export interface Authorization {
  clientId: string;
  redirectUri: string;
  codeChallenge: CodeChallenge | null;
  nonce: string | null;
  scope: string;
  personId: string;
}

type Issued = Authorization & { expiresAtMs: number; used: boolean };

/** Authorization codes: each can be redeemed once, within ten minutes. They are kept in memory alone, like a sign-in that is under way. */
export class AuthorizationCodes {
  private readonly issued = new Map<string, Issued>();

  constructor(private readonly clock: Pick<Clock, 'realNow'>) {}

  issue(authorization: Authorization): string {
    const oldest = this.issued.keys().next();
    if (this.issued.size >= limits.authorizationCodes && !oldest.done) this.issued.delete(oldest.value);
    const code = `1.${randomBytes(48).toString('base64url')}`;
    this.issued.set(code, { ...authorization, expiresAtMs: this.clock.realNow() + limits.authorizationCodeLifeMs, used: false });
    return code;
  }

  redeem(code: string): Authorization | 'unknown' | 'used' {
    const authorization = this.issued.get(code);
    if (!authorization || authorization.expiresAtMs < this.clock.realNow()) return 'unknown';
    if (authorization.used) return 'used';
    authorization.used = true;
    return authorization;
  }
}
