import { isGuid } from '../../guid';
import type { Settings } from '../../settings/settings';
import type { CodeChallenge } from './authorization.codes';
import { namedTenants } from '../discovery.routes';
import { EntraError, entraErrors } from '../entra.error';
import { furtherPermissions, readScopes } from './requested.scopes';
import type { SignInClient, SignInClients } from './sign-in.clients';

const responseModes = ['query', 'form_post', 'fragment'] as const;
const prompts = new Set(['login', 'none', 'consent', 'select_account', 'create']);

/** Where the outcome of a sign-in goes. */
export interface ReturnAddress {
  redirectUri: string;
  responseMode: (typeof responseModes)[number];
  state: string | null;
}

/** A checked request to sign somebody in. */
export interface AuthorizeRequest extends ReturnAddress {
  client: SignInClient;
  nonce: string | null;
  scope: string;
  /** Permissions beyond the one that a first sign-in may ask for (contract 2.4). */
  furtherPermissions: string[];
  /** PKCE, null where the application does without. */
  codeChallenge: CodeChallenge | null;
  loginHint: string | null;
  /** `consumers`, `organizations`, or the domain of an organisation. */
  domainHint: string | null;
}

/** An error that may be reported to the application, since its redirect URI was found good. */
export class ReportableError extends Error {
  constructor(
    readonly reason: EntraError,
    readonly to: ReturnAddress,
  ) {
    super(reason.message);
  }
}

/**
 * Checks as strictly as Entra does: known application, exact redirect URI, code flow. PKCE is the application's choice, since it has a
 * secret. An error about the application or its redirect URI is shown to the person and never sent to the address in question; the others
 * are reported to it.
 */
export function checkAuthorizeRequest(
  query: URLSearchParams,
  tenant: string,
  clients: Pick<SignInClients, 'get'>,
  settings: Settings,
  operatorsAudience: string,
): AuthorizeRequest {
  if (!namedTenants.has(tenant.toLowerCase()) && !isGuid(tenant)) throw entraErrors.unknownTenant(tenant);
  const clientId = query.get('client_id');
  if (!clientId) throw entraErrors.missing('client_id');
  const client = clients.get(clientId, tenant);
  const redirectUri = query.get('redirect_uri');
  if (!redirectUri) throw entraErrors.missing('redirect_uri');
  if (!client.mayReturnTo(redirectUri)) throw entraErrors.wrongRedirect(redirectUri);

  const wantedMode = query.get('response_mode') ?? 'query';
  const responseMode = responseModes.find((mode) => mode === wantedMode);
  const to: ReturnAddress = { redirectUri, responseMode: responseMode ?? 'query', state: query.get('state') };
  try {
    if (!responseMode) throw entraErrors.unknownResponseMode(wantedMode);
    if (query.get('response_type') !== 'code') throw entraErrors.unsupportedResponse();
    checkPrompt(query.get('prompt') ?? '', settings);
    const scope = query.get('scope') ?? '';
    const scopes = readScopes(scope, operatorsAudience);
    if (!scopes.words.includes('openid')) throw entraErrors.noOpenid();
    return {
      ...to,
      client,
      scope,
      furtherPermissions: furtherPermissions(scopes),
      codeChallenge: challengeIn(query, settings),
      nonce: query.get('nonce'),
      loginHint: query.get('login_hint'),
      domainHint: query.get('domain_hint'),
    };
  } catch (error) {
    throw error instanceof EntraError ? new ReportableError(error, to) : error;
  }
}

/** There are no sessions, so a silent sign-in always fails, in the way that the settings choose. */
function checkPrompt(prompt: string, { silentSignin }: Settings): void {
  const wanted = prompt.split(' ').filter((word) => word !== '');
  const unknown = wanted.find((word) => !prompts.has(word));
  if (unknown !== undefined || (wanted.includes('none') && wanted.length > 1)) throw entraErrors.unsupportedPrompt(prompt);
  if (wanted.includes('none')) throw entraErrors.notSilent(silentSignin);
}

function challengeIn(query: URLSearchParams, { signinPkce }: Settings): CodeChallenge | null {
  const value = query.get('code_challenge');
  const method = query.get('code_challenge_method') ?? 'plain'; // RFC 7636, 4.3
  if (!value && signinPkce === 'required') throw entraErrors.noPkce();
  if (!value) return null;
  if (method !== 'S256' && method !== 'plain') throw entraErrors.unknownChallengeMethod();
  return { method, value };
}
