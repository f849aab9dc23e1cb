import {
  MarketplaceError,
  MarketplaceForbidden,
  type MarketplaceNotFound,
  MarketplaceThrottled,
  MarketplaceUnavailable,
} from '@landfall/marketplace-client';

/** Where Microsoft may use a word that this version does not know. */
export const placesOfWords = ['subscription status', 'operation status'] as const;

/**
 * Microsoft shows a value that this version does not know. Guessing would put a wrong fact on record, so the work waits; a newer version
 * can help.
 */
export class MicrosoftWordUnknown extends Error {
  readonly code = 'MICROSOFT_WORD_UNKNOWN';
  readonly retriable = true;

  constructor(
    /** Where it stood. */
    readonly place: (typeof placesOfWords)[number],
    word: string,
  ) {
    super(`Microsoft shows an unknown ${place}: "${word.slice(0, 60)}"`);
    this.name = 'MicrosoftWordUnknown';
  }
}

/** Microsoft answers 404 to a subscription that it has named to us. Copies of its record may lag, so it is asked again (contract 3.1.3). */
export class SubscriptionNotShown extends Error {
  readonly code = 'SUBSCRIPTION_NOT_SHOWN';
  readonly retriable = true;

  constructor(cause: MarketplaceNotFound) {
    super(cause.message, { cause });
    this.name = 'SubscriptionNotShown';
  }
}

/**
 * An answer that a job can't go on with: we are not let in, a proxy's page, a field of a wrong kind. One alone proves nothing, and a job
 * that gives up leaves the record waiting for it, so it is asked again for about a day before an operator is needed.
 */
export class MicrosoftAnswerUnusable extends Error {
  readonly code = 'MICROSOFT_ANSWER_UNUSABLE';
  readonly retriable = true;

  constructor(cause: MarketplaceError) {
    super(cause.message, { cause });
    this.name = 'MicrosoftAnswerUnusable';
  }
}

/** Microsoft, or the way to it, is away: no message's fault. Messages wait without counting attempts. */
export class MicrosoftAway extends Error {
  readonly code = 'MICROSOFT_AWAY';
  readonly retriable = true;
  readonly isAway = true;
  /** How long Microsoft, or our own breaker, asks to wait. */
  readonly retryAfterMs: number | undefined;
  /** Whether Microsoft has surely not acted on the call: it did not leave, or was turned away for a while (429). */
  readonly isUndone: boolean;

  constructor(cause: MarketplaceUnavailable | MarketplaceThrottled | MarketplaceForbidden) {
    super(cause.message, { cause });
    this.name = 'MicrosoftAway';
    this.retryAfterMs = cause.retryAfterMs;
    this.isUndone = !(cause instanceof MarketplaceUnavailable) || !cause.outcomeUnknown;
  }
}

/**
 * An outage as `MicrosoftAway`; every other error as it is. Where Entra does not let us in, no call was answered (no status): a
 * lapsed secret concerns all work alike, so that it waits for whoever renews it.
 */
export function asOutage(error: unknown): unknown {
  if (error instanceof MarketplaceUnavailable || error instanceof MarketplaceThrottled) return new MicrosoftAway(error);
  if (error instanceof MarketplaceForbidden && error.status === null) return new MicrosoftAway(error);
  return error;
}

/** Why something could not be done, in words for people, and Microsoft's own code where it gave one. */
export interface Why {
  readonly reason: string;
  readonly code: string | null;
}

/** Why Microsoft could not be asked, or what it answered. Any other error is a fault of ours: its words may say what only the log should. */
export function whyItFailed(error: unknown): Why {
  const cause = error instanceof Error && error.cause instanceof MarketplaceError ? error.cause : error;
  if (cause instanceof MarketplaceError) return { reason: cause.message, code: cause.microsoft?.code ?? null };
  const reason = error instanceof MicrosoftWordUnknown ? error.message : 'a fault on our own side, which the log of fulfillment names';
  return { reason, code: null };
}

/** The request that failed so before it left: Microsoft can't have received it. Null where it may have, and where none was begun. */
export const unsentRequestOf = (error: unknown): string | null =>
  error instanceof MarketplaceUnavailable && !error.outcomeUnknown ? (error.call?.requestId ?? null) : null;
