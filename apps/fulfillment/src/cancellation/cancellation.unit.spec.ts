import type { Status } from '@landfall/contracts';
import { CALL_EFFECT_WAIT_MS, type CallAttempt } from '../microsoft/call';
import {
  decideAfterRefusal,
  decideCancellation,
  decideFollowing,
  untilCancelledAgainMs,
  type CancellationOperation,
} from './cancellation.domain';

const attempt = (agoMs: number, status: number | null): CallAttempt => ({ agoMs, status });

it.each<[string, Status | undefined, CallAttempt[], string]>([
  ['a pending purchase is cancelled', 'PendingFulfillmentStart', [], 'call'],
  ['so is one that Microsoft calls NotStarted', 'NotStarted', [], 'call'],
  ['Unsubscribed is the end', 'Unsubscribed', [], 'publish'],
  ['Subscribed is not what was rejected', 'Subscribed', [], 'miss'],
  ['nor is Suspended', 'Suspended', [], 'miss'],
  ['nothing is done about a status that is not said', undefined, [], 'wait'],
  ['a call that was answered is followed, not repeated', 'PendingFulfillmentStart', [attempt(60_000, 202)], 'follow'],
  ['a call whose answer nobody saw is watched first', 'PendingFulfillmentStart', [attempt(CALL_EFFECT_WAIT_MS - 1, null)], 'wait'],
  ['and made again when it showed no effect', 'PendingFulfillmentStart', [attempt(CALL_EFFECT_WAIT_MS, null)], 'call'],
  ['the youngest call counts', 'PendingFulfillmentStart', [attempt(90_000, 503), attempt(1_000, 503)], 'wait'],
])('%s', (_title, status, attempts, expected) => {
  expect(decideCancellation({ status, attempts, isTooLate: false })).toBe(expected);
});

it.each<[string, Status, CallAttempt[], string]>([
  ['has failed where it could still be sent', 'PendingFulfillmentStart', [], 'fail'],
  ['is followed where Microsoft has received it', 'PendingFulfillmentStart', [attempt(60_000, 202)], 'follow'],
  ['has ended all the same where the subscription shows it', 'Unsubscribed', [], 'publish'],
])('a cancellation that has had its time %s (rule 10)', (_title, status, attempts, expected) => {
  expect(decideCancellation({ status, attempts, isTooLate: true })).toBe(expected);
});

it.each<[Status | undefined, CancellationOperation, boolean, string]>([
  ['PendingFulfillmentStart', 'unknown', false, 'wait'],
  ['PendingFulfillmentStart', 'open', false, 'wait'],
  ['PendingFulfillmentStart', 'succeeded', false, 'wait'],
  ['PendingFulfillmentStart', 'failed', false, 'lost'],
  ['PendingFulfillmentStart', 'unknown', true, 'fail'],
  [undefined, 'unknown', true, 'fail'],
  ['Unsubscribed', 'failed', true, 'publish'],
  ['Subscribed', 'unknown', false, 'miss'],
  ['Subscribed', 'open', false, 'wait'],
  ['Subscribed', 'failed', false, 'miss'],
  ['Suspended', 'open', true, 'miss'],
])('a cancellation that Microsoft has received: %s, operation %s, too late %s: %s', (status, operation, isTooLate, expected) => {
  expect(decideFollowing(status, operation, isTooLate)).toBe(expected);
});

it.each<[Status | undefined, boolean, string]>([
  ['PendingFulfillmentStart', false, 'wait'],
  ['PendingFulfillmentStart', true, 'fail'],
  [undefined, false, 'wait'],
  ['Unsubscribed', true, 'publish'],
  ['Subscribed', false, 'miss'],
])('a cancellation that Microsoft refuses: %s, too late %s: %s', (status, isLast, expected) => {
  expect(decideAfterRefusal(status, isLast)).toBe(expected);
});

it('waits longer after each refusal, up to ten minutes', () => {
  const refusals = (count: number) => Array.from({ length: count }, (_, index) => attempt(30_000, [400, 404, 409][index % 3]!));
  expect([0, 1, 2, 5, 100].map((count) => untilCancelledAgainMs(refusals(count)) / 1_000)).toEqual([20, 40, 80, 600, 600]);
});
