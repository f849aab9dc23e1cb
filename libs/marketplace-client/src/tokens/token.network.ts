import type { Configuration } from '@azure/msal-node';
import type { Dispatcher } from 'undici';
import { MarketplaceThrottled, MarketplaceUnavailable, type MarketplaceError } from '../marketplace.errors';
import { MAX_ERROR_BODY_BYTES, TOKEN_TIMEOUT_MS } from '../marketplace.limits';
import { networkCode, send, type HttpRequest } from '../http/http';
import { retryAfterMs } from '../http/retry-after';

type NetworkClient = NonNullable<NonNullable<Configuration['system']>['networkClient']>;
type Options = Parameters<NetworkClient['sendPostRequestAsync']>[1];
type Answer<T> = Awaited<ReturnType<NetworkClient['sendGetRequestAsync']>> & { body: T };

/**
 * The library's way to the network, on our own connections: with a time limit, bounded bodies, no redirects, and plain http towards this
 * machine (whose address the configuration has checked). The library turns what happens here into its own errors, so the true one is kept
 * aside.
 */
export class TokenNetwork implements NetworkClient {
  private failure: MarketplaceError | null = null;

  constructor(
    private readonly agent: Dispatcher,
    private readonly now: () => number,
  ) {}

  /** What went wrong in the last request, once. */
  takeFailure(): MarketplaceError | null {
    const failure = this.failure;
    this.failure = null;
    return failure;
  }

  sendGetRequestAsync<T>(url: string, options?: Options): Promise<Answer<T>> {
    return this.request('GET', url, options);
  }

  sendPostRequestAsync<T>(url: string, options?: Options): Promise<Answer<T>> {
    return this.request('POST', url, options);
  }

  private async request<T>(method: 'GET' | 'POST', url: string, options: Options): Promise<Answer<T>> {
    this.failure = null;
    try {
      const { origin, pathname, search } = new URL(url);
      const headers = { accept: 'application/json', ...options?.headers };
      return await this.exchange({ origin, path: pathname + search, method, headers, body: options?.body });
    } catch (error) {
      this.failure = error instanceof MarketplaceUnavailable || error instanceof MarketplaceThrottled ? error : unreachable(error);
      throw this.failure;
    }
  }

  private async exchange<T>(request: HttpRequest): Promise<Answer<T>> {
    const answer = await send(this.agent, request, AbortSignal.timeout(TOKEN_TIMEOUT_MS));
    const { status } = answer;
    const text = await answer.text(MAX_ERROR_BODY_BYTES);
    const waitMs = retryAfterMs(answer.header('retry-after'), this.now());
    const details = { status, ...(waitMs !== undefined && { retryAfterMs: waitMs }) };
    if (status === 429) throw new MarketplaceThrottled('Entra answered 429: too many requests for tokens; wait and try again', details);
    const body = readObject(text);
    if (status >= 500 || (status >= 300 && status < 400) || !body) {
      throw new MarketplaceUnavailable(`Entra answered ${status} where a token was expected`, {
        ...details,
        reason: 'sign-in',
        outcomeUnknown: false,
        isOutage: true,
      });
    }
    return { status, headers: {}, body: body as T };
  }
}

function readObject(text: string): object | null {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' ? body : null;
  } catch {
    return null; // no JSON is no answer of Entra's; the caller says so, with the status
  }
}

function unreachable(error: unknown): MarketplaceUnavailable {
  return new MarketplaceUnavailable(`Entra could not be reached (${networkCode(error)})`, {
    reason: 'sign-in',
    outcomeUnknown: false,
    isOutage: true,
    cause: error,
  });
}
