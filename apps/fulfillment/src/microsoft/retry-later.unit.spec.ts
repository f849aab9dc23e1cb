import { MarketplaceThrottled } from '@landfall/marketplace-client';
import { Overloaded } from '@landfall/messaging';
import { MicrosoftAway } from './microsoft.errors';
import { LONGEST_RETRY_AFTER_MS, retryLater } from './retry-later';

const throttledFor = (retryAfterMs: number) =>
  new MicrosoftAway(new MarketplaceThrottled('Microsoft answered 429', { status: 429, retryAfterMs }));

it.each([
  ['as long as Microsoft asks for', 30_000, 30_000],
  ['no longer than its own limit, so that every wait ends (rule 10)', 10 * 24 * 3_600_000, LONGEST_RETRY_AFTER_MS],
  ['by its own pace where Microsoft asks for less', 1, 500],
])('a job waits %s', (_title, askedMs, afterMs) => {
  expect(retryLater(throttledFor(askedMs), 1)).toMatchObject({ kind: 'again', at: { afterMs } });
});

it('a job that could not draw the number of its read in time has not failed: it runs again', () => {
  expect(retryLater(new Overloaded('not committed within 700 ms'), 1)).toMatchObject({ kind: 'again', at: { afterMs: 500 } });
});
