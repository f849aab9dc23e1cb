/** Every bound of this client, in one place. Times are milliseconds, sizes are bytes. */

/** The only version there is (contract 0.2). */
export const API_VERSION = '2018-08-31';

export const DEFAULT_TIMEOUT_MS = 10_000;
export const DEFAULT_ATTEMPTS = 3;
export const DEFAULT_MAX_CONCURRENT = 64;
/** The slots of purchases, as part of those of all other calls and beside them. */
export const PURCHASE_SHARE = 1 / 4;
/** Calls of one purpose that may wait for a slot. One batch of messages can ask for some 1,000 facts at once. */
export const MAX_WAITING_CALLS = 2_000;
/** Each so manieth call that leaves is the one that has waited longest, whatever it is for. */
export const TURN_OF_THE_OLDEST = 16;

/** Calls a second: no reduction of the pace goes below it. */
export const PACE_FLOOR = 5;
/** Calls a second that the pace gains each second. */
export const PACE_RISE = 10;
/** Calls a second: from here on nothing is bounded. */
export const PACE_CEILING = 1_000;
/** What the pace allowed in so long and was not used may follow at once. */
export const PACE_BURST_MS = 100;
/** For so long at most a Retry-After holds back other calls than the one that got it. */
export const MAX_PAUSE_MS = 60_000;
/** Acknowledgements and purchases have slots beside the others, and tokens none: no call that may be made waits for a connection. */
export const CONNECTIONS_PER_SLOT = 2;
export const CONNECT_TIMEOUT_MS = 5_000;

/** One page of 100 subscriptions is some 100 kB; 4 MB is forty times that. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;
export const MAX_ERROR_BODY_BYTES = 64 * 1024;
/** A body that nobody reads may go on for so long before its connection is cut. */
export const DISCARD_TIMEOUT_MS = 1_000;
/** Of an id that Microsoft sends back: a GUID in all that was seen. */
export const MAX_MICROSOFT_ID_CHARS = 200;
/** Of a text that Microsoft gives as reason. */
export const MAX_REASON_CHARS = 500;
/** Of the details of a refusal, one for each field at fault: so many are told. */
export const MAX_DETAILS = 25;
/** So much of such a text is looked at before it is cut: what is taken out of it may have been long. */
export const MAX_EXAMINED_REASON_CHARS = 4_000;
/** Live tokens have hundreds of characters (contract 3.3); a header this long still fits into common limits. */
export const MAX_PURCHASE_TOKEN_CHARS = 8_192;
/** Of the link to the next page; those seen live have some 200. */
export const MAX_CONTINUATION_TOKEN_CHARS = 8_192;
/** 13 million subscriptions at the smallest page seen live (contract 3.5). A list that never ends must end all the same. */
export const MAX_LIST_PAGES = 200_000;

/** Microsoft takes no more usage events in one call (contract 6.4). */
export const MAX_USAGE_EVENTS = 25;
/** Rows of a day that are read back: one for each subscription, dimension and plan. A day with more can't be read as a whole. */
export const MAX_USAGE_ROWS = 100_000;
/** So many of them are in memory, and taken together. */
export const USAGE_ROWS_AT_ONCE = 1_000;
/** Of one such row, which has some 500 in the documents. */
export const MAX_USAGE_ROW_CHARS = 16_384;
/** Of all of them together: the list is not paged (contract 6.5), and is never in memory as text. */
export const MAX_USAGE_BODY_BYTES = 128 * 1024 * 1024;
/** For the head and all rows of such a list. */
export const USAGE_LIST_TIMEOUT_MS = 60_000;

/** Back-off before the second attempt, before jitter; it doubles from there. */
export const BACKOFF_START_MS = 250;
export const BACKOFF_MAX_MS = 8_000;
/** A longer Retry-After is not waited for inside a call: it is handed to the caller, who can wait without holding anything. */
export const MAX_RETRY_WAIT_MS = 15_000;

/** The breaker opens when more than half of the last calls failed, but not before it has seen so many. */
export const BREAKER_FAILURE_SHARE = 0.5;
export const BREAKER_SAMPLE_CALLS = 20;
export const BREAKER_MIN_CALLS = 10;
/** A call that ended longer ago says nothing about now: an endpoint that is asked twice an hour would be kept back, and told as away, for what was yesterday. Long enough for calls that hang. */
export const BREAKER_SAMPLE_MS = 600_000;
/** How long an open breaker refuses all calls before it lets one through to see. */
export const BREAKER_REST_MS = 5_000;
/** While that one is under way, others are told to come again so much later. */
export const BREAKER_PROBE_MS = 1_000;

export const TOKEN_TIMEOUT_MS = 10_000;
/** The next token is fetched so long before the one that is used expires, or at half of its life if that is later. */
export const TOKEN_RENEWAL_AHEAD_MS = 5 * 60_000;
/** After a renewal that failed, before the next one: nine tries at most while the old token can be used. */
export const TOKEN_RENEWAL_PAUSE_MS = 30_000;
/** No call begins with a token that expires sooner, or has less than a quarter of its life left if that is later. */
export const TOKEN_LAST_USE_AHEAD_MS = 30_000;
/** Assumed where Entra does not say; it always says (contract 2.1). */
export const TOKEN_ASSUMED_LIFE_MS = 10 * 60_000;
/**
 * A token that replaced a refused one is not replaced again for so long: else each 403 about somebody else's subscription costs a token.
 */
export const TOKEN_REPLACEMENT_PAUSE_MS = 60_000;
/** Entra's refusal (wrong secret) is repeated from memory for so long instead of asking again for each call. */
export const TOKEN_REFUSAL_PAUSE_MS = 30_000;

/** `close()` lets calls in flight finish for so long, then cuts them. */
export const CLOSE_TIMEOUT_MS = 5_000;
