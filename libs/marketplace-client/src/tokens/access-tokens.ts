import { AuthError, ConfidentialClientApplication, type AuthenticationResult, type Configuration } from '@azure/msal-node';
import { MarketplaceError, MarketplaceForbidden, MarketplaceUnavailable } from '../marketplace.errors';
import {
  TOKEN_ASSUMED_LIFE_MS,
  TOKEN_LAST_USE_AHEAD_MS,
  TOKEN_REFUSAL_PAUSE_MS,
  TOKEN_RENEWAL_AHEAD_MS,
  TOKEN_RENEWAL_PAUSE_MS,
  TOKEN_REPLACEMENT_PAUSE_MS,
} from '../marketplace.limits';
import type { TokenNetwork } from './token.network';

export interface AccessToken {
  /** Opaque; never parsed, logged or stored (contract 2.1). */
  readonly value: string;
  readonly obtainedAtMs: number;
  /** From now on the next one is fetched, while this one is still used. */
  readonly renewAtMs: number;
  /** Whoever calls later waits for the next one. */
  readonly usableUntilMs: number;
  /** It was fetched because the one before it had been refused. */
  readonly isReplacement: boolean;
}

/**
 * Access tokens of the publisher's app (contract 2.1): fetched once for all callers that wait, renewed in the background some minutes before
 * they expire, so that nobody waits, and replaced when the marketplace refuses one.
 */
export class AccessTokens {
  private readonly app: ConfidentialClientApplication;
  private current: AccessToken | null = null;
  private flight: Promise<AccessToken> | null = null;
  private nextIsReplacement = false;
  private refusal: { readonly error: MarketplaceError; readonly untilMs: number } | null = null;
  private renewal: NodeJS.Timeout | undefined;
  private lastRenewalAtMs = Number.NEGATIVE_INFINITY;
  private isClosed = false;

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
    if (this.current && this.now() < this.current.usableUntilMs) {
      this.renewInTime(this.current);
      return this.current;
    }
    if (this.refusal && this.now() < this.refusal.untilMs) throw this.refusal.error;
    return unlessAborted(this.fetchOnce(), signal);
  }

  /** Nothing is renewed in the background any more. */
  close(): void {
    this.isClosed = true;
    clearTimeout(this.renewal);
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

  private fetchOnce(): Promise<AccessToken> {
    this.flight ??= this.fetch().finally(() => (this.flight = null));
    return this.flight;
  }

  /** One try, and the next one a pause later while the token that is there can still be used: it fails nobody. */
  private renewInTime(token: AccessToken): void {
    const nowMs = this.now();
    const isDue = nowMs >= token.renewAtMs && nowMs < token.usableUntilMs && nowMs >= this.lastRenewalAtMs + TOKEN_RENEWAL_PAUSE_MS;
    if (!isDue || this.flight || this.isClosed) return;
    this.lastRenewalAtMs = nowMs;
    this.fetchOnce().catch(() => this.renewLater(token, TOKEN_RENEWAL_PAUSE_MS));
  }

  /** By itself, so that the first caller after a quiet hour does not wait either. A token of minutes is renewed by its callers alone. */
  private renewLater(token: AccessToken, afterMs: number): void {
    clearTimeout(this.renewal);
    if (this.isClosed || afterMs < TOKEN_RENEWAL_PAUSE_MS) return;
    this.renewal = setTimeout(() => this.current === token && this.renewInTime(token), afterMs).unref();
  }

  private async fetch(): Promise<AccessToken> {
    try {
      const result = await this.app.acquireTokenByClientCredential({ scopes: [this.scope], skipCache: true });
      if (!result?.accessToken) throw new MarketplaceForbidden('Entra answered without an access token');
      this.current = this.tokenOf(result);
      this.nextIsReplacement = false;
      this.refusal = null;
      this.renewLater(this.current, this.current.renewAtMs - this.now());
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
    const usableUntilMs = obtainedAtMs + Math.max(lifeMs - TOKEN_LAST_USE_AHEAD_MS, lifeMs * 0.75);
    return { value: accessToken, obtainedAtMs, renewAtMs, usableUntilMs, isReplacement: this.nextIsReplacement };
  }
}

/** Only Entra's error code and its AADSTS number are passed on: its descriptions are long and name ids of the directory. */
function failureOf(error: unknown): MarketplaceError {
  if (error instanceof MarketplaceError) return error;
  if (error instanceof AuthError) {
    const number = /AADSTS\d+/.exec(error.errorMessage)?.[0];
    return new MarketplaceForbidden(
      `Entra refuses to sign us in: ${error.errorCode}${number ? ` (${number})` : ''}. Check tenant id, client id and whether the secret or certificate has expired.`,
      { microsoft: { code: number ?? error.errorCode, message: null, target: null } },
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
