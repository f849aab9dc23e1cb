import type { Status } from '@landfall/contracts';
import { ACTIVATION_SETTLING_MS, nextActivationStep, type ActivationAttempt } from './activation.domain';

const now = new Date('2026-03-01T12:00:00.000Z');
const attempt = (ageMs: number, status: number | null): ActivationAttempt => ({ startedAt: new Date(now.getTime() - ageMs), status });

it.each<[string, Status, ActivationAttempt[], string]>([
  ['a pending subscription is activated', 'PendingFulfillmentStart', [], 'call'],
  ['what Subscribed shows is an end', 'Subscribed', [], 'shown'],
  ['what Suspended shows is an end', 'Suspended', [], 'shown'],
  ['what Unsubscribed shows is an end', 'Unsubscribed', [], 'shown'],
  ['NotStarted waits: it is not to be activated', 'NotStarted', [], 'wait'],
  ['a call that was answered is followed, not repeated', 'PendingFulfillmentStart', [attempt(60_000, 200)], 'follow'],
  ['a call whose answer nobody saw is watched first', 'PendingFulfillmentStart', [attempt(ACTIVATION_SETTLING_MS - 1, null)], 'wait'],
  ['also one that was given up after its ten seconds', 'PendingFulfillmentStart', [attempt(10_500, null)], 'wait'],
  ['and made again when it showed no effect', 'PendingFulfillmentStart', [attempt(ACTIVATION_SETTLING_MS, null)], 'call'],
  ['the youngest call counts', 'PendingFulfillmentStart', [attempt(90_000, 503), attempt(1_000, 503)], 'wait'],
  ['whatever was called, what the subscription shows is an end', 'Subscribed', [attempt(1_000, null)], 'shown'],
])('%s', (_title, status, attempts, expected) => {
  expect(nextActivationStep(status, attempts, now)).toBe(expected);
});
