/** Microsoft tries 500 times within 8 hours (contract 4.4). */
export const documentedRetries = 500;

/**
 * Waits before the tries of a webhook, in milliseconds; the last one repeats. Microsoft's spacing is not published: 500 tries in 8 hours are 57.6 s on average.
 * The first waits are shorter, so that one does not wait a minute at a laptop to see a retry.
 */
export const defaultRetryDelaysMs: readonly number[] = [1_000, 2_000, 5_000, 10_000, 30_000, 57_600];

/** The wait before try number `attempt` + 1, or undefined when there is no more of them. */
export function delayAfter(attempt: number, delaysMs: readonly number[], maxRetries: number): number | undefined {
  if (attempt > maxRetries) return undefined;
  return delaysMs[attempt - 1] ?? delaysMs.at(-1) ?? 0;
}
