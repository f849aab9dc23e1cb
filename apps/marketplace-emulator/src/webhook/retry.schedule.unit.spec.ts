import { defaultRetryDelaysMs, delayAfter, documentedRetries } from './retry.schedule';

it('begins quickly, goes on with the last wait, and ends after as many tries as Microsoft makes', () => {
  const delays = Array.from({ length: documentedRetries + 1 }, (_, index) =>
    delayAfter(index + 1, defaultRetryDelaysMs, documentedRetries),
  );
  expect(delays.slice(0, 7)).toEqual([1_000, 2_000, 5_000, 10_000, 30_000, 57_600, 57_600]);
  expect(delays[documentedRetries - 1]).toBe(57_600);
  expect(delays[documentedRetries]).toBeUndefined();
});
