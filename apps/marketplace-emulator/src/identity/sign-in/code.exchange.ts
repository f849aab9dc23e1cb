import { createHash } from 'node:crypto';
import type { Registration } from '../../applications/application';
import type { Directory } from '../../people/directory';
import type { AuthorizationCodes, CodeChallenge } from './authorization.codes';
import { entraErrors } from '../entra.error';
import type { RefreshTokens } from '../token/refresh.tokens';
import type { UserTokens } from '../token/user.tokens';

/** Exchanges the code or the refresh token of a sign-in for the tokens of the person who signed in (contract 2.4). */
export class CodeExchange {
  constructor(
    private readonly codes: Pick<AuthorizationCodes, 'redeem'>,
    private readonly refreshTokens: Pick<RefreshTokens, 'read'>,
    private readonly directory: Pick<Directory, 'get'>,
    private readonly tokens: UserTokens,
  ) {}

  async redeem(form: URLSearchParams, client: Registration): Promise<object> {
    const code = required(form, 'code');
    const redirectUri = required(form, 'redirect_uri');
    const authorization = this.codes.redeem(code);
    if (authorization === 'used') throw entraErrors.usedCode();
    if (authorization === 'unknown' || authorization.clientId !== client.id) throw entraErrors.unknownCode();
    if (authorization.redirectUri !== redirectUri) throw entraErrors.wrongRedirect(redirectUri);
    checkVerifier(form.get('code_verifier'), authorization.codeChallenge);
    const person = this.directory.get(authorization.personId);
    if (!person) throw entraErrors.unknownCode();
    const { clientId, scope, nonce } = authorization;
    return this.tokens.issue(person, { clientId, scope, grantedScope: scope, nonce, wantsClientInfo: wantsClientInfo(form) });
  }

  /** `scope` may ask for less than what was agreed to, never for more. */
  async refresh(form: URLSearchParams, client: Registration): Promise<object> {
    const grant = this.refreshTokens.read(required(form, 'refresh_token'));
    if (grant === 'expired') throw entraErrors.expiredRefreshToken();
    const person = grant === 'invalid' ? undefined : this.directory.get(grant.personId);
    if (grant === 'invalid' || !person || grant.clientId !== client.id) throw entraErrors.unknownRefreshToken();
    const scope = form.get('scope') || grant.scope;
    const granted = new Set(grant.scope.split(' '));
    if (!scope.split(' ').every((word) => granted.has(word))) throw entraErrors.notConsented();
    return this.tokens.issue(person, {
      clientId: client.id,
      scope,
      grantedScope: grant.scope,
      nonce: null,
      wantsClientInfo: wantsClientInfo(form),
    });
  }
}

function wantsClientInfo(form: URLSearchParams): boolean {
  return form.get('client_info') === '1';
}

function required(form: URLSearchParams, parameter: string): string {
  const value = form.get(parameter);
  if (!value) throw entraErrors.missing(parameter);
  return value;
}

/** A challenge needs its verifier, and a verifier its challenge: else PKCE could be taken out of a request on its way. */
function checkVerifier(verifier: string | null, challenge: CodeChallenge | null): void {
  if (challenge && !verifier) throw entraErrors.missing('code_verifier');
  if (verifier && (!challenge || challengeOf(verifier, challenge.method) !== challenge.value)) throw entraErrors.wrongVerifier();
}

function challengeOf(verifier: string, method: CodeChallenge['method']): string {
  return method === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url');
}
