import { retryAfterMs } from './retry-after';

const now = Date.parse('2024-02-10T12:00:00Z');

it.each<[header: string | undefined, waitMs: number | undefined]>([
  ['10', 10_000],
  [' 0 ', 0],
  ['0.5', 500],
  ['Sat, 10 Feb 2024 12:00:07 GMT', 7_000],
  ['Sat, 10 Feb 2024 11:00:00 GMT', 0],
  ['soon', undefined],
  ['-5', undefined],
  ['', undefined],
  [undefined, undefined],
])('reads Retry-After %j as %p ms', (header, waitMs) => {
  expect(retryAfterMs(header, now)).toBe(waitMs);
});
