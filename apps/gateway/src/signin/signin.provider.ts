import type { Person } from '@landfall/contracts';
import { isLoopback } from '@landfall/service-defaults';
import * as oidc from 'openid-client';
import type { GatewayValues } from '../gateway.config';

/** A person as the identity service described them. The address is for display and contact, never an identity (contract 2.4). */
export interface SignedIn extends Person {
  readonly email: string;
  readonly name: string;
}

/** The identity service can't be reached. Try again later. */
export class SigninUnavailable extends Error {
  readonly code = 'SIGNIN_UNAVAILABLE';
  readonly retriable = true;
}

/** The identity service said no, the customer cancelled, or its answer is not to be trusted. A new sign-in may help. */
export class SigninRefused extends Error {
  readonly code = 'SIGNIN_REFUSED';
  readonly retriable = false;
}

export interface SigninSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

type SigninSettings = Pick<GatewayValues, 'SIGNIN_AUTHORITY_URL' | 'SIGNIN_CLIENT_ID' | 'SIGNIN_CLIENT_SECRET' | 'PUBLIC_URL'>;

const SCOPES = 'openid profile email';
const REQUEST_LIMIT_SECONDS = 5;
/** The discovery document is read again after this. */
const DISCOVERY_LIFE_MS = 3_600_000;
const TEXT_LENGTH = 200;
/**
 * openid-client compares a multi-tenant issuer (`…/{tenantid}/v2.0`) with the token's own tenant only for an authority at Microsoft's
 * worldwide address. Ours may be another cloud or a local one, so the document is asked for under that name and read from where we are
 * configured to.
 */
const MULTI_TENANT_AUTHORITY = 'https://login.microsoftonline.com/common/v2.0';
const DISCOVERY_PATH = '/.well-known/openid-configuration';

/** Customers' sign-in: code flow with PKCE (S256), state and nonce, for work accounts of every tenant and personal ones (contract 2.4). */
export class SigninProvider {
  private discovered: { configuration: Promise<oidc.Configuration>; at: number } | undefined;

  constructor(
    private readonly settings: SigninSettings,
    private readonly now: () => number = Date.now,
  ) {}

  get callbackUrl(): string {
    return `${this.settings.PUBLIC_URL}/signin/callback`;
  }

  /** Where to send the browser, and what to remember until it comes back. @throws SigninUnavailable */
  async begin(choice: { anotherAccount: boolean }): Promise<{ url: URL; secrets: SigninSecrets }> {
    const configuration = await this.configuration();
    const secrets = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier: oidc.randomPKCECodeVerifier() };
    const url = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: this.callbackUrl,
      scope: SCOPES,
      state: secrets.state,
      nonce: secrets.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(secrets.verifier),
      code_challenge_method: 'S256',
      ...(choice.anotherAccount ? { prompt: 'select_account' } : {}),
    });
    return { url, secrets };
  }

  /** @param query of the callback, as it came. @throws SigninUnavailable, SigninRefused */
  async finish(query: string, { state, nonce, verifier }: SigninSecrets): Promise<SignedIn> {
    const configuration = await this.configuration();
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
    const tokens = await oidc.authorizationCodeGrant(configuration, new URL(`${this.callbackUrl}?${query}`), checks).catch(refusedOrAway);
    return personOf(tokens.claims() ?? {});
  }

  private async configuration(): Promise<oidc.Configuration> {
    const isFresh = this.discovered && this.now() - this.discovered.at < DISCOVERY_LIFE_MS;
    const { configuration } =
      isFresh && this.discovered ? this.discovered : (this.discovered = { configuration: this.discover(), at: this.now() });
    try {
      return await configuration;
    } catch (error) {
      this.discovered = undefined; // the next customer asks again
      throw new SigninUnavailable('The discovery document of the sign-in cannot be read', { cause: error });
    }
  }

  private async discover(): Promise<oidc.Configuration> {
    const { SIGNIN_AUTHORITY_URL, SIGNIN_CLIENT_ID, SIGNIN_CLIENT_SECRET } = this.settings;
    const isLocal = isLoopback(new URL(SIGNIN_AUTHORITY_URL).hostname); // the one place where plain http is accepted
    const configuration = await oidc.discovery(
      new URL(MULTI_TENANT_AUTHORITY),
      SIGNIN_CLIENT_ID,
      undefined,
      oidc.ClientSecretPost(SIGNIN_CLIENT_SECRET),
      {
        timeout: REQUEST_LIMIT_SECONDS,
        execute: [oidc.enableNonRepudiationChecks, ...(isLocal ? [oidc.allowInsecureRequests] : [])],
        [oidc.customFetch]: (address, options) => {
          const isDiscovery = address === `${MULTI_TENANT_AUTHORITY}${DISCOVERY_PATH}`;
          return fetch(isDiscovery ? `${SIGNIN_AUTHORITY_URL}${DISCOVERY_PATH}` : address, options as RequestInit);
        },
      },
    );
    return configuration;
  }
}

const unanswered = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON']);

/**
 * What the identity service said of this sign-in is final; everything about the way to it passes. That it refuses us, and not the customer
 * (a secret that has lapsed), is our outage.
 */
function refusedOrAway(error: unknown): never {
  const { code, error: reason } = (error ?? {}) as { code?: unknown; error?: unknown };
  const isAnswered = typeof code === 'string' && code.startsWith('OAUTH_') && !unanswered.has(code);
  const isAboutUs = code === 'OAUTH_RESPONSE_BODY_ERROR' && reason !== 'invalid_grant';
  if (!isAnswered || isAboutUs) throw new SigninUnavailable('The identity service does not answer us', { cause: error });
  throw new SigninRefused('The sign-in did not succeed', { cause: error });
}

function personOf(claims: Record<string, unknown>): SignedIn {
  const [tenantId, objectId] = [text(claims['tid']), text(claims['oid'])];
  if (!tenantId || !objectId) throw new SigninRefused('The ID token names no tenant or no object');
  return {
    tenantId: tenantId.toLowerCase(),
    objectId: objectId.toLowerCase(),
    email: text(claims['email']) || text(claims['preferred_username']),
    name: text(claims['name']),
  };
}

const text = (value: unknown): string => (typeof value === 'string' ? value.trim().slice(0, TEXT_LENGTH) : '');
