import { defaultRetryDelaysMs, delayAfter, documentedRetries, documentedRetryMs } from './retry.schedule';

const delays = Array.from({ length: documentedRetries + 1 }, (_, index) => delayAfter(index + 1, defaultRetryDelaysMs, documentedRetries));

it('begins quickly, goes on with the last wait, and ends after as many tries as Microsoft makes', () => {
  expect(delays.slice(0, 5)).toEqual([1_000, 2_000, 5_000, 10_000, 30_000]);
  expect(new Set(delays.slice(5, documentedRetries)).size).toBe(1);
  expect(delays[documentedRetries]).toBeUndefined();
});

it('takes eight hours with all of its 500 retries', () => {
  const waits = delays.filter((delayMs) => delayMs !== undefined);
  expect(waits).toHaveLength(500);
  const seconds = waits.reduce((sum, delayMs) => sum + delayMs) / 1_000;
  expect(Math.abs(seconds - documentedRetryMs / 1_000)).toBeLessThan(1);
  expect(documentedRetryMs).toBe(8 * 60 * 60 * 1_000);
});
