import { backoffMs } from './backoff';

it('doubles from the first delay up to the limit, and stays there', () => {
  const backoff = { firstMs: 250, limitMs: 60_000 };
  const delays = [1, 2, 3, 4, 5, 9, 10, 1_000_000].map((run) => backoffMs(run, backoff));
  expect(delays).toEqual([250, 500, 1_000, 2_000, 4_000, 60_000, 60_000, 60_000]);
});
