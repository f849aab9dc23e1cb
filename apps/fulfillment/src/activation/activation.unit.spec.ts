import type { Status } from '@landfall/contracts';
import { CALL_EFFECT_WAIT_MS, type CallAttempt } from '../microsoft/call';
import { decideActivation, decideAfterRefusal, decideFollowing, untilActivatedAgainMs } from './activation.domain';

const attempt = (agoMs: number, status: number | null): CallAttempt => ({ agoMs, status });

it.each<[string, Status, CallAttempt[], string]>([
  ['a pending subscription is activated', 'PendingFulfillmentStart', [], 'call'],
  ['what Subscribed shows is an end', 'Subscribed', [], 'publish'],
  ['what Suspended shows is an end', 'Suspended', [], 'publish'],
  ['what Unsubscribed shows is an end', 'Unsubscribed', [], 'publish'],
  ['NotStarted waits: it is not to be activated', 'NotStarted', [], 'wait'],
  ['a call that was answered is followed, not repeated', 'PendingFulfillmentStart', [attempt(60_000, 200)], 'follow'],
  ['a call whose answer nobody saw is watched first', 'PendingFulfillmentStart', [attempt(CALL_EFFECT_WAIT_MS - 1, null)], 'wait'],
  ['also one that was given up after its ten seconds', 'PendingFulfillmentStart', [attempt(10_500, null)], 'wait'],
  ['and made again when it showed no effect', 'PendingFulfillmentStart', [attempt(CALL_EFFECT_WAIT_MS, null)], 'call'],
  ['the youngest call counts', 'PendingFulfillmentStart', [attempt(90_000, 503), attempt(1_000, 503)], 'wait'],
  ['whatever was called, what the subscription shows is an end', 'Subscribed', [attempt(1_000, null)], 'publish'],
])('%s', (_title, status, attempts, expected) => {
  expect(decideActivation({ status, attempts, isTooLate: false })).toBe(expected);
});

it.each<[string, Status, CallAttempt[], string]>([
  ['has failed where it could still be sent', 'PendingFulfillmentStart', [], 'fail'],
  ['has failed where an answer was never seen', 'PendingFulfillmentStart', [attempt(1_000, null)], 'fail'],
  ['has failed where it may not be sent', 'NotStarted', [], 'fail'],
  ['is followed where Microsoft has received it', 'PendingFulfillmentStart', [attempt(60_000, 200)], 'follow'],
  ['has ended all the same where the subscription shows it', 'Subscribed', [], 'publish'],
])('an activation that has had its time %s (rule 10)', (_title, status, attempts, expected) => {
  expect(decideActivation({ status, attempts, isTooLate: true })).toBe(expected);
});

it.each<[Status, boolean, string]>([
  ['PendingFulfillmentStart', false, 'wait'],
  ['NotStarted', false, 'wait'],
  ['PendingFulfillmentStart', true, 'fail'],
  ['Subscribed', false, 'publish'],
  ['Suspended', true, 'publish'],
])('an activation that Microsoft has received: %s, too late %s: %s', (status, isTooLate, expected) => {
  expect(decideFollowing(status, isTooLate)).toBe(expected);
});

it.each<[string, Status | undefined, boolean, string]>([
  ['is asked for again while the subscription is pending', 'PendingFulfillmentStart', false, 'wait'],
  ['is asked for again where the status is not said', undefined, false, 'wait'],
  ['has failed at the limit', 'PendingFulfillmentStart', true, 'fail'],
  ['has ended where the subscription shows it', 'Unsubscribed', false, 'publish'],
  ['has ended where the subscription shows it, also at the limit', 'Subscribed', true, 'publish'],
])('an activation that Microsoft refuses %s', (_title, status, isLast, expected) => {
  expect(decideAfterRefusal(status, isLast)).toBe(expected);
});

it('waits longer after each refusal, up to ten minutes', () => {
  const refusals = (count: number) => Array.from({ length: count }, (_, index) => attempt(30_000 * (index + 1), index % 2 ? 400 : 404));
  const waits = [0, 1, 2, 3, 4, 5, 100].map((count) => untilActivatedAgainMs(refusals(count)) / 1_000);
  expect(waits).toEqual([20, 40, 80, 160, 320, 600, 600]);
  expect(untilActivatedAgainMs([attempt(60_000, 503), attempt(60_000, null)])).toBe(20_000);
});
