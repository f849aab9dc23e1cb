/**
 * What Microsoft said about a refusal, in whichever of its shapes (contract 3.1.2). Tokens and e-mail addresses are taken out, texts are
 * cut.
 */
export interface MicrosoftReason {
  readonly code: string | null;
  readonly message: string | null;
  readonly target: string | null;
}

/** What identifies a failed call to Microsoft's support and to our own ledger. It never holds a token or a body. */
export interface FailedCall {
  readonly method: string;
  /** Template of the path, such as `/saas/subscriptions/{subscriptionId}`. */
  readonly route: string;
  /** Null when nothing was sent. */
  readonly requestId: string | null;
  readonly correlationId: string;
}

export interface FailureDetails {
  readonly call?: FailedCall;
  /** HTTP status, null when no answer came. */
  readonly status?: number | null;
  /** Microsoft's clock when it answered, ISO 8601. */
  readonly date?: string;
  readonly microsoft?: MicrosoftReason | null;
  /** How long the other side asked to wait, in milliseconds; absent when it did not say. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** What every failure of this client has in common. Catch the classes below; this one is for `instanceof` and for logs. */
export abstract class MarketplaceError extends Error {
  abstract readonly code: (typeof marketplaceErrorCodes)[number];
  /** Whether the same call may succeed later without anybody changing anything. */
  abstract readonly retriable: boolean;
  readonly call: FailedCall | null;
  readonly status: number | null;
  /** Microsoft's clock when it answered, ISO 8601; null when no answer came. */
  readonly date: string | null;
  readonly microsoft: MicrosoftReason | null;
  readonly retryAfterMs?: number;

  constructor(message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.call = details.call ?? null;
    this.status = details.status ?? null;
    this.date = details.date ?? null;
    this.microsoft = details.microsoft ?? null;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
  }
}

/**
 * Why no usable answer came. `breaker-open`, `busy` and `paused` mean that nothing was sent; `sign-in` that Entra gave no token, so nothing was sent
 * either.
 */
export type UnavailableReason = 'server-error' | 'network' | 'timeout' | 'cut-body' | 'sign-in' | 'breaker-open' | 'busy' | 'paused';

export interface UnavailableDetails extends FailureDetails {
  readonly reason: UnavailableReason;
  readonly outcomeUnknown: boolean;
  readonly isOutage: boolean;
}

/** Microsoft (or the way to it) is away: 5xx, network, time limit, cut body, open breaker. Waiting helps; it is no message's fault. */
export class MarketplaceUnavailable extends MarketplaceError {
  readonly code = 'MARKETPLACE_UNAVAILABLE';
  readonly retriable = true;
  readonly reason: UnavailableReason;
  /** True when the request may have reached Microsoft: before repeating a change, read what became of it (contract 3.1.3). */
  readonly outcomeUnknown: boolean;
  /**
   * False where the failure shows nothing about Microsoft's health: our own queue was full, or PATCH operation met the 500 that an ended operation
   * gives, too (contract 3.10).
   */
  readonly isOutage: boolean;

  constructor(message: string, details: UnavailableDetails) {
    super(message, details);
    this.reason = details.reason;
    this.outcomeUnknown = details.outcomeUnknown;
    this.isOutage = details.isOutage;
  }
}

/** 429: too many calls. Not documented by Microsoft, but clients have met it (contract 3.1.3). The call was not carried out. */
export class MarketplaceThrottled extends MarketplaceError {
  readonly code = 'MARKETPLACE_THROTTLED';
  readonly retriable = true;
}

/**
 * 400 and the other 4xx: Microsoft understood and said no, or our arguments can never be accepted. Read the subscription again and decide.
 */
export class MarketplaceRejected extends MarketplaceError {
  readonly code = 'MARKETPLACE_REJECTED';
  readonly retriable = false;
}

/**
 * 401 or 403 also with a fresh token, or Entra refuses to sign us in: a configuration error that a person has to correct (contract 2.1,
 * 2.2).
 */
export class MarketplaceForbidden extends MarketplaceError {
  readonly code = 'MARKETPLACE_FORBIDDEN';
  readonly retriable = false;
}

/** 404: unknown here, or, for Activate, already Unsubscribed (contract 3.4). */
export class MarketplaceNotFound extends MarketplaceError {
  readonly code = 'MARKETPLACE_NOT_FOUND';
  readonly retriable = false;
}

/**
 * 409: locked by a pending operation (Cancel), or settled by a newer update (PATCH operation). Read again before anything else
 * (contract 3.1.3).
 */
export class MarketplaceConflict extends MarketplaceError {
  readonly code = 'MARKETPLACE_CONFLICT';
  readonly retriable = false;
}

/** An answer came, but it cannot be used: not JSON, too large, a redirect, a field of the wrong kind. Names the field, never its value. */
export class MarketplaceAnswerUnreadable extends MarketplaceError {
  readonly code = 'MARKETPLACE_ANSWER_UNREADABLE';
  readonly retriable = false;

  constructor(
    /** Path of the first field at fault, such as `term.endDate`; `(body)` and `(status)` for the whole. */
    readonly field: string,
    problem: string,
    details: FailureDetails = {},
  ) {
    super(`Microsoft's answer cannot be read: ${field} ${problem}`, details);
  }
}

/** The `code` of every class above that a call can end with. */
export const marketplaceErrorCodes = [
  'MARKETPLACE_UNAVAILABLE',
  'MARKETPLACE_THROTTLED',
  'MARKETPLACE_REJECTED',
  'MARKETPLACE_FORBIDDEN',
  'MARKETPLACE_NOT_FOUND',
  'MARKETPLACE_CONFLICT',
  'MARKETPLACE_ANSWER_UNREADABLE',
] as const;
