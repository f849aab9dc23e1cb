import { AuthError, ConfidentialClientApplication, type AuthenticationResult, type Configuration } from '@azure/msal-node';
import { MarketplaceError, MarketplaceForbidden, MarketplaceUnavailable } from '../marketplace.errors';
import { TOKEN_ASSUMED_LIFE_MS, TOKEN_REFUSAL_PAUSE_MS, TOKEN_RENEWAL_AHEAD_MS, TOKEN_REPLACEMENT_PAUSE_MS } from '../marketplace.limits';
import type { TokenNetwork } from './token.network';

export interface AccessToken {
  /** Opaque; never parsed, logged or stored (contract 2.1). */
  readonly value: string;
  readonly obtainedAtMs: number;
  readonly renewAtMs: number;
  /** It was fetched because the one before it had been refused. */
  readonly isReplacement: boolean;
}

/**
 * Access tokens of the publisher's app (contract 2.1): fetched once for all callers that wait, kept until a few minutes before they expire,
 * replaced when the marketplace refuses one.
 */
export class AccessTokens {
  private readonly app: ConfidentialClientApplication;
  private current: AccessToken | null = null;
  private flight: Promise<AccessToken> | null = null;
  private nextIsReplacement = false;
  private refusal: { readonly error: MarketplaceError; readonly untilMs: number } | null = null;

  constructor(
    configuration: Configuration,
    private readonly network: Pick<TokenNetwork, 'takeFailure'>,
    private readonly scope: string,
    private readonly now: () => number,
  ) {
    this.app = new ConfidentialClientApplication(configuration);
  }

  /** Rejects when the signal aborts; the fetch itself goes on, for whoever comes next. */
  async get(signal: AbortSignal): Promise<AccessToken> {
    if (this.current && this.now() < this.current.renewAtMs) return this.current;
    if (this.refusal && this.now() < this.refusal.untilMs) throw this.refusal.error;
    this.flight ??= this.fetch().finally(() => (this.flight = null));
    return unlessAborted(this.flight, signal);
  }

  /**
   * Called when the marketplace refused a token. Answers whether another token is worth a try: yes, unless the refused one was itself
   * fetched a moment ago in place of a refused one. Then the token is not what is wrong.
   */
  replace(refused: AccessToken): boolean {
    if (this.current !== refused) return true; // somebody else was faster
    if (refused.isReplacement && this.now() < refused.obtainedAtMs + TOKEN_REPLACEMENT_PAUSE_MS) return false;
    this.current = null;
    this.nextIsReplacement = true;
    return true;
  }

  private async fetch(): Promise<AccessToken> {
    try {
      const result = await this.app.acquireTokenByClientCredential({ scopes: [this.scope], skipCache: true });
      if (!result?.accessToken) throw new MarketplaceForbidden('Entra answered without an access token');
      this.current = this.tokenOf(result);
      this.nextIsReplacement = false;
      this.refusal = null;
      return this.current;
    } catch (error) {
      const failure = this.network.takeFailure() ?? failureOf(error);
      if (failure instanceof MarketplaceForbidden) this.refusal = { error: failure, untilMs: this.now() + TOKEN_REFUSAL_PAUSE_MS };
      throw failure;
    }
  }

  private tokenOf({ accessToken, expiresOn }: AuthenticationResult): AccessToken {
    const obtainedAtMs = this.now();
    const givenMs = expiresOn ? expiresOn.getTime() - Date.now() : Number.NaN; // the library reckons by the real clock
    const lifeMs = Number.isFinite(givenMs) ? Math.max(0, givenMs) : TOKEN_ASSUMED_LIFE_MS;
    const renewAtMs = obtainedAtMs + Math.max(lifeMs - TOKEN_RENEWAL_AHEAD_MS, lifeMs / 2);
    return { value: accessToken, obtainedAtMs, renewAtMs, isReplacement: this.nextIsReplacement };
  }
}

/** Only Entra's error code and its AADSTS number are passed on: its descriptions are long and name ids of the directory. */
function failureOf(error: unknown): MarketplaceError {
  if (error instanceof MarketplaceError) return error;
  if (error instanceof AuthError) {
    const number = /AADSTS\d+/.exec(error.errorMessage)?.[0];
    return new MarketplaceForbidden(
      `Entra refuses to sign us in: ${error.errorCode}${number ? ` (${number})` : ''}. Check tenant id, client id and whether the secret or certificate has expired.`,
    );
  }
  return new MarketplaceUnavailable('No access token could be fetched', {
    reason: 'sign-in',
    outcomeUnknown: false,
    isOutage: true,
    cause: error,
  });
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () =>
    aborted.reject(
      new MarketplaceUnavailable('Entra did not give a token in time; nothing was sent', {
        reason: 'sign-in',
        outcomeUnknown: false,
        isOutage: true,
      }),
    );
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
