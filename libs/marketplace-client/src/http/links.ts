import { API_VERSION, MAX_CONTINUATION_TOKEN_CHARS } from '../marketplace.limits';
import type { FailureDetails } from '../marketplace.errors';
import type { RefusedLink } from '../marketplace.options';
import { followLink, type FollowedLink, type ServiceAddress } from './address';

/** Links of Microsoft's: where our token may go, and how to do without those where it may not (contract 3.1.4). */
export class Links {
  constructor(
    private readonly api: ServiceAddress,
    private readonly hosts: readonly string[],
    /** Told of each link that must not be followed. */
    private readonly refused: (link: RefusedLink) => void,
  ) {}

  /**
   * Where the next page is: the link itself, or its continuation token at the API's own address, below which `route` lies.
   * @throws MarketplaceAnswerUnreadable where the link must not be followed and names no page
   */
  nextPage(link: string, route: string, details: FailureDetails): FollowedLink {
    try {
      return followLink(link, this.api, this.hosts, details);
    } catch (error) {
      this.refused({ kind: '@nextLink', host: hostOf(link) });
      const token = continuationTokenOf(link);
      if (token === undefined) throw error;
      return { origin: this.api.origin, path: `${this.api.path}${route}?continuationToken=${token}&api-version=${API_VERSION}` };
    }
  }

  /** `Operation-Location` is never followed, since the operation is asked for by its id; where it leads elsewhere, somebody should know. */
  check(location: string): void {
    try {
      followLink(location, this.api, this.hosts);
    } catch {
      this.refused({ kind: 'Operation-Location', host: hostOf(location) });
    }
  }
}

/** As Microsoft wrote it, not decoded. Undefined where there is none that could be sent. */
function continuationTokenOf(link: string): string | undefined {
  const token = /[?&]continuationToken=([^&#]*)/i.exec(link)?.[1];
  return token && token.length <= MAX_CONTINUATION_TOKEN_CHARS && /^[\x21-\x7e]+$/.test(token) ? token : undefined;
}

const hostOf = (link: string): string | null => URL.parse(link)?.host || null;
