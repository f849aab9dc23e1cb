/** Every bound of an outgoing call, in one place. Times are milliseconds, sizes are bytes. */

/** From the name's resolution to the last byte of the answer, waiting for a connection and the one repetition included. */
export const DEFAULT_TIME_LIMIT_MS = 10_000;
/** A caller may ask for less or more, but not for longer than this. */
export const MAX_TIME_LIMIT_MS = 60_000;
/** Name, TCP and TLS of one connection. A call with a shorter limit of its own ends earlier. */
export const CONNECT_TIME_LIMIT_MS = 5_000;

/** Of what is sent. */
export const MAX_QUESTION_BYTES = 256 * 1024;
/** Of the body that is read. Answers are a few fields. */
export const MAX_ANSWER_BYTES = 64 * 1024;
/** Of the status line and the headers of an answer. */
export const MAX_ANSWER_HEADER_BYTES = 16 * 1024;
export const MAX_URL_CHARS = 2_048;

/** Connections to one host (scheme, name and port): so many calls run at the same time. */
export const CONNECTIONS_PER_HOST = 8;
/** Calls that may wait for one of these connections. The next one is told at once. */
export const WAITING_CALLS_PER_HOST = 64;
/** Hosts with open connections at the same time. */
export const MAX_HOSTS = 256;
/** How long an idle connection is kept. Shorter than servers do, so that a call seldom meets one that its server is closing. */
export const KEEP_ALIVE_MS = 4_000;

/** Keys that sign at the same time: two during a rotation, and two more while it also changes the kind. */
export const MAX_SIGNING_KEYS = 4;
/** What Standard Webhooks allows for a shared secret. */
export const SHARED_SECRET_BYTES = { min: 24, max: 64 } as const;
export const MAX_CALL_ID_CHARS = 100;

/** `close()` lets calls end for so long, then cuts them. */
export const CLOSE_TIME_LIMIT_MS = 5_000;
