import type { Status } from '@landfall/contracts';
import type { CallAttempt } from '../microsoft/call';
import { ACTIVATION_EFFECT_WAIT_MS, decideActivation, decideAfterRefusal, decideFollowing } from './activation.domain';

const attempt = (agoMs: number, status: number | null): CallAttempt => ({ agoMs, status });

it.each<[string, Status, CallAttempt[], string]>([
  ['a pending subscription is activated', 'PendingFulfillmentStart', [], 'call'],
  ['what Subscribed shows is an end', 'Subscribed', [], 'publish'],
  ['what Suspended shows is an end', 'Suspended', [], 'publish'],
  ['what Unsubscribed shows is an end', 'Unsubscribed', [], 'publish'],
  ['NotStarted waits: it is not to be activated', 'NotStarted', [], 'wait'],
  ['a call that was answered is followed, not repeated', 'PendingFulfillmentStart', [attempt(60_000, 200)], 'follow'],
  ['a call whose answer nobody saw is watched first', 'PendingFulfillmentStart', [attempt(ACTIVATION_EFFECT_WAIT_MS - 1, null)], 'wait'],
  ['also one that was given up after its ten seconds', 'PendingFulfillmentStart', [attempt(10_500, null)], 'wait'],
  ['and made again when it showed no effect', 'PendingFulfillmentStart', [attempt(ACTIVATION_EFFECT_WAIT_MS, null)], 'call'],
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

it.each<[string, Status, CallAttempt[], string]>([
  ['has failed', 'PendingFulfillmentStart', [], 'fail'],
  ['has failed where earlier ones were refused as well', 'PendingFulfillmentStart', [attempt(60_000, 429)], 'fail'],
  ['is followed after one whose answer nobody saw', 'PendingFulfillmentStart', [attempt(60_000, null)], 'follow'],
  ['is followed after one that met a fault of Microsoft', 'PendingFulfillmentStart', [attempt(60_000, 503)], 'follow'],
  ['has ended where the subscription shows it', 'Unsubscribed', [], 'publish'],
])('an activation that Microsoft refuses %s', (_title, status, earlier, expected) => {
  expect(decideAfterRefusal(status, earlier)).toBe(expected);
});
