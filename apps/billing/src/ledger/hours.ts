/** An instant, in milliseconds since 1970 by UTC. */
export type Instant = number;
/** A clock hour in UTC: its first instant. Microsoft's key of a usage event has it (contract 6.3, 1). */
export type Hour = Instant;

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export const hourOf = (instant: Instant): Hour => Math.floor(instant / HOUR_MS) * HOUR_MS;
export const endOf = (hour: Hour): Instant => hour + HOUR_MS;
export const isoOf = (instant: Instant): string => new Date(instant).toISOString().replace('.000Z', 'Z');

/** An hour that is so near its deadline waits for nothing any more. */
export const LAST_CALL_MS = 3 * HOUR_MS;

/** From this hour on a ledger is loaded with all that it has: of older hours only what has no end, or is not counted. */
export const loadedFrom = (now: Instant, deadlineMs: number): Instant => now - deadlineMs - 2 * HOUR_MS;

/** The day of an instant, UTC: `2026-06-06`. */
export const dayOf = (instant: Instant): string => new Date(instant).toISOString().slice(0, 10);
