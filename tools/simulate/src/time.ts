export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** When every run begins, by Microsoft's clock. */
const beginning = Date.parse('2026-03-01T00:00:00.000Z');

/** The instant of a moment of the run, ISO 8601 in UTC. */
export const instantOf = (ms: number): string => new Date(beginning + ms).toISOString();

/** An HTTP header has no fractions of a second. */
export const dateHeaderOf = (ms: number): string => instantOf(Math.floor(ms / second) * second);

/** The moment of the run at an instant. */
export const msOf = (instant: string): number => Date.parse(instant) - beginning;
