import { subscriptionObserved, type activate, type MessageOf, type Status } from '@landfall/contracts';
import { changed, type Outcome } from '@landfall/messaging';
import type { CallAttempt } from '../microsoft/call';
import type { SubscriptionReading } from '../microsoft/microsoft.readings';
import { activateSubscription } from './activation.job';

/**
 * So long after it was sent an activation that Microsoft may have received is not sent again: its answer is waited for ten seconds, and
 * then its effect for ten more. It mostly shows within a second.
 */
export const ACTIVATION_EFFECT_WAIT_MS = 20_000;

/** The subscription service wants a subscription activated. */
export const orderActivation = (
  _state: undefined,
  { data: { subscriptionId, planId, quantity } }: MessageOf<typeof activate>,
): Outcome<undefined> => changed(undefined, activateSubscription({ subscriptionId, planId, quantity }));

/**
 * What a status allows. `waits`: as pending, but not to be activated; known from a schema alone (contract 3.2). `over`: an activation has
 * come to its end, whatever the status is.
 */
const activationIn: Readonly<Record<Status, 'waits' | 'pending' | 'over'>> = {
  NotStarted: 'waits',
  PendingFulfillmentStart: 'pending',
  Subscribed: 'over',
  Suspended: 'over',
  Unsubscribed: 'over',
};

/**
 * What an activation does now. `publish` what the subscription shows: it is pending no longer, which is an end. `call`: Activate. `follow`:
 * Microsoft has received it. `wait`: it may have, or the subscription can't be activated yet. `fail`: it has had its time (rule 10), or
 * Microsoft has refused it.
 */
export type ActivationDecision = 'publish' | 'call' | 'follow' | 'wait' | 'fail';

/** What is known when an activation is looked at. */
export interface ActivationLook {
  readonly status: Status;
  /** Earlier calls of the same job, as the ledger knows them. */
  readonly attempts: readonly CallAttempt[];
  /** Real time: how long ago a call left is counted by no other clock. */
  readonly now: Date;
  /** The activation has had its time. */
  readonly isTooLate: boolean;
}

/** Before Activate: billing begins with it (contract 3.4), so it is sent again only where an earlier one has had time to show. */
export function decideActivation({ status, attempts, now, isTooLate }: ActivationLook): ActivationDecision {
  if (activationIn[status] === 'over') return 'publish';
  if (activationIn[status] === 'pending' && attempts.some(wasReceived)) return 'follow';
  if (isTooLate) return 'fail';
  if (activationIn[status] === 'waits') return 'wait';
  const last = Math.max(...attempts.map(({ startedAt }) => startedAt.getTime()));
  return now.getTime() - last < ACTIVATION_EFFECT_WAIT_MS ? 'wait' : 'call';
}

/** After Activate was received: it means received, not done (contract 3.4). */
export function decideFollowing(status: Status, isTooLate: boolean): ActivationDecision {
  if (activationIn[status] === 'over') return 'publish';
  return isTooLate ? 'fail' : 'wait';
}

/**
 * After Microsoft refused Activate. 400 and 404 may mean that the subscription is Subscribed, Suspended or Unsubscribed already
 * (contract 3.4): what it shows decides. It may also have been refused because an earlier attempt is at work.
 */
export function decideAfterRefusal(status: Status, earlier: readonly CallAttempt[]): ActivationDecision {
  if (activationIn[status] === 'over') return 'publish';
  return earlier.some(mayHaveBegun) ? 'follow' : 'fail';
}

const wasReceived = ({ status }: CallAttempt): boolean => status !== null && status < 300;

/** No answer, or one that does not tell whether Microsoft has begun: billing may have started. */
const mayHaveBegun = ({ status }: CallAttempt): boolean => status === null || status < 300 || status >= 500;

/** The end of an activation: the subscription as Microsoft shows it. */
export const activationShown = ({ snapshot, readAt }: SubscriptionReading) =>
  subscriptionObserved({ subscriptionId: snapshot.subscriptionId, snapshot, readAt, occasion: 'activation' });
