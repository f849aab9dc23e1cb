/**
 * Secret, certificate or federated token of the app registration (contract 2.1). `pem` holds the certificate and its private key.
 * `federatedToken` is asked for each access token, so that a rotated file is read anew.
 */
export type PublisherCredential =
  { readonly secret: string } | { readonly certificate: { readonly pem: string } } | { readonly federatedToken: () => Promise<string> };

export interface MarketplaceClientOptions {
  /** `https://marketplaceapi.microsoft.com/api`, or a loopback address over plain http. */
  readonly apiUrl: string;
  /** Where usage is reported (contract 6.1), with the same token. Default: `apiUrl`. */
  readonly meteringUrl?: string;
  /** Application id of the marketplace: the audience of our tokens. */
  readonly appId: string;
  /** `https://login.microsoftonline.com`, or a loopback address over plain http. */
  readonly authorityUrl: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly credential: PublisherCredential;
  /**
   * Hosts to which a link from Microsoft (`@nextLink`) may carry our token: `host`, `host:port` or `*.domain`. The API's own host is always
   * one of them; other loopback addresses over plain http only while the API itself is on one (contract 3.1.4).
   */
  readonly linkHosts: readonly string[];
  /** Time limit of one attempt in milliseconds, waiting for a free slot and reading the body included. Default 10,000. */
  readonly timeoutMs?: number;
  /** Calls in flight at the same time. Default 64; up to 2,000 more wait for a slot, within their time limit. */
  readonly maxConcurrent?: number;
  /** Called for every attempt that was sent, after it ended. It must not throw: a failure of it becomes a process warning. */
  readonly onCall?: (record: CallRecord) => void;
  /** Called when an endpoint, or all of Microsoft, is not asked any more, and when it answers again; not when it is forgotten, since nobody asks. It must not throw. */
  readonly onBreaker?: (change: BreakerChange) => void;
  /** Called for each link of Microsoft's that our token may not follow. The same is asked for at the API's own address instead. It must not throw. */
  readonly onRefusedLink?: (refused: RefusedLink) => void;
  /** Clock in milliseconds since 1970, for the age of tokens and dates in Retry-After. Default `Date.now`. */
  readonly now?: () => number;
  /** From 0 to below 1, for the jitter of the back-off. Default `Math.random`. */
  readonly random?: () => number;
}

/**
 * What a call is for, in the order in which calls go first where not all can go at once: answers to Microsoft have ten seconds, a webhook whose
 * answer is held has four, usage has hours, and a comparison of everything has time. `purchase` has a budget of its own, since anybody can bring a token.
 */
export const callPurposes = [
  'acknowledgement',
  'verification',
  'activation',
  'change',
  'purchase',
  'reading',
  'metering',
  'reconciliation',
  'self-check',
] as const;
export type CallPurpose = (typeof callPurposes)[number];

export interface CallContext {
  /** Groups all calls of one piece of work, on both sides (contract 2.5). */
  readonly correlationId: string;
  /**
   * Called before each attempt leaves, the second one with a fresh token included, with the id that it bears. The attempt leaves only when that has ended well. An
   * error of it ends the call, and nothing was sent. `signal` is aborted where the attempt's time is over: it does not leave any more.
   */
  readonly announce?: (requestId: string, signal: AbortSignal) => Promise<void>;
  /** Overrides the client's time limit for each attempt. A caller that holds up a batch of messages gives 1,000 or less. */
  readonly timeoutMs?: number;
  /** Attempts at most, the first included. Default 3; 1 where the caller has its own way of trying again. */
  readonly attempts?: number;
  /**
   * The caller can do without the answer: its failures are not counted against Microsoft, so that they never keep a required call from being
   * made. Where others have failed enough, it is not made at all.
   */
  readonly isOptional?: boolean;
  /**
   * Which calls go before this one. Default: what the method is for (`acknowledgement`, `activation`, `change`, `purchase`, `metering` for usage,
   * `reconciliation` for the list), and `reading` for other reads.
   */
  readonly purpose?: CallPurpose;
}

export const linkKinds = ['@nextLink', 'Operation-Location'] as const;

export interface RefusedLink {
  readonly kind: (typeof linkKinds)[number];
  /** To which host it points; null where it is no absolute address. */
  readonly host: string | null;
}

export interface BreakerChange {
  /** Method and route, or `connection` where nothing can be asked. */
  readonly endpoint: string;
  readonly isOpen: boolean;
}

/** One attempt, for the ledger of calls. It holds no token, no body and nothing personal. */
export interface CallRecord {
  readonly method: string;
  /** Template of the path, such as `/saas/subscriptions/{subscriptionId}`. */
  readonly route: string;
  readonly purpose: CallPurpose;
  readonly subscriptionId?: string;
  readonly operationId?: string;
  readonly requestId: string;
  readonly correlationId: string;
  /** Microsoft's own id of the request: `x-ms-activityid` where it sends one, else `x-ms-requestid`. 200 characters at most. */
  readonly microsoftRequestId?: string;
  /** HTTP status, null when no answer came. */
  readonly status: number | null;
  readonly durationMs: number;
  /** Microsoft's clock when it answered: the header `Date`, ISO 8601. Absent where that is missing or unreadable. */
  readonly date?: string;
  /** Code of the error that the attempt ended in, with its reason where there are several: `MARKETPLACE_UNAVAILABLE/timeout`. */
  readonly error?: string;
}
