/** Microsoft tries 500 times within 8 hours (contract 4.4). */
export const documentedRetries = 500;
export const documentedRetryMs = 8 * 3_600_000;

/** Shorter than they will be in the average, so that one does not wait a minute at a laptop to see a retry. */
const firstDelaysMs = [1_000, 2_000, 5_000, 10_000, 30_000];
const firstDelaysTogetherMs = firstDelaysMs.reduce((sum, delayMs) => sum + delayMs);

/**
 * Waits before the tries of a webhook, in milliseconds; the last one repeats. Microsoft's spacing is not published: what is known is that
 * all of them take 8 hours together.
 */
export const defaultRetryDelaysMs: readonly number[] = [
  ...firstDelaysMs,
  Math.round((documentedRetryMs - firstDelaysTogetherMs) / (documentedRetries - firstDelaysMs.length)),
];

/** The wait before try number `attempt` + 1, or undefined when there is no more of them. */
export function delayAfter(attempt: number, delaysMs: readonly number[], maxRetries: number): number | undefined {
  if (attempt > maxRetries) return undefined;
  return delaysMs[attempt - 1] ?? delaysMs.at(-1) ?? 0;
}
