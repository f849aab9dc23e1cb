import type { Installation } from '../installation/installation';
import type { SettingsBook } from '../settings/settings';
import type { CodeChallenge } from './authorization.codes';
import { EntraError, entraErrors } from './entra.error';

/** A checked request to sign somebody in. */
export interface AuthorizeRequest {
  clientId: string;
  redirectUri: string;
  responseMode: 'query' | 'form_post';
  state: string | null;
  nonce: string | null;
  scope: string;
  /** PKCE, null where the application does without. */
  codeChallenge: CodeChallenge | null;
  loginHint: string | null;
}

/** The application may be told of it: its redirect URI was found good. */
export class ReportableError extends Error {
  constructor(
    readonly reason: EntraError,
    readonly to: Pick<AuthorizeRequest, 'redirectUri' | 'responseMode' | 'state'>,
  ) {
    super(reason.message);
  }
}

/**
 * Checks as strictly as Entra does: known application, exact redirect URI, code flow. PKCE is the application's choice, since it has a secret. An error about the application or its redirect URI is
 * shown to the person and never sent to the address in question; the others are reported to it.
 */
export function checkAuthorizeRequest(
  query: URLSearchParams,
  tenant: string,
  installation: Installation,
  settings: SettingsBook,
): AuthorizeRequest {
  const clientId = query.get('client_id');
  if (!clientId) throw entraErrors.missing('client_id');
  if (clientId.toLowerCase() !== installation.signinClientId.toLowerCase()) throw entraErrors.unknownClient(clientId, tenant);
  const redirectUri = query.get('redirect_uri');
  if (!redirectUri) throw entraErrors.missing('redirect_uri');
  if (!isRegistered(redirectUri, settings)) throw entraErrors.wrongRedirect(redirectUri);

  const responseMode: AuthorizeRequest['responseMode'] = query.get('response_mode') === 'form_post' ? 'form_post' : 'query';
  const state = query.get('state');
  const scope = query.get('scope') ?? '';
  const codeChallenge = query.get('code_challenge');
  const method = query.get('code_challenge_method') ?? 'plain'; // RFC 7636, 4.3
  const report = (reason: EntraError) => new ReportableError(reason, { redirectUri, responseMode, state });
  if (query.get('response_type') !== 'code') throw report(entraErrors.unsupportedResponse());
  if (!scope.split(' ').includes('openid')) throw report(entraErrors.noOpenid());
  if (!codeChallenge && settings.current.signinPkce === 'required') throw report(entraErrors.noPkce());
  if (codeChallenge && !isMethod(method)) throw report(entraErrors.unknownChallengeMethod());
  if (query.get('prompt') === 'none') throw report(entraErrors.interactionNeeded()); // nobody is ever signed in already
  return {
    clientId: installation.signinClientId,
    redirectUri,
    responseMode,
    state,
    scope,
    codeChallenge: codeChallenge && isMethod(method) ? { method, value: codeChallenge } : null,
    nonce: query.get('nonce'),
    loginHint: query.get('login_hint'),
  };
}

function isMethod(method: string): method is CodeChallenge['method'] {
  return method === 'S256' || method === 'plain';
}

function isRegistered(redirectUri: string, settings: SettingsBook): boolean {
  const { signinRedirectUris, landingUrl } = settings.current;
  if (signinRedirectUris.length > 0) return signinRedirectUris.includes(redirectUri);
  return landingUrl !== null && originOf(redirectUri) === new URL(landingUrl).origin;
}

function originOf(uri: string): string | undefined {
  return URL.canParse(uri) ? new URL(uri).origin : undefined;
}
