import {
  subscriptionObserved,
  type activate,
  type DataOf,
  type MessageOf,
  type ShownSnapshot,
  type Status,
  type SubscriptionRead,
} from '@landfall/contracts';
import { changed, type Outcome } from '@landfall/messaging';
import { backoffMs, type Backoff } from '../backoff';
import { CALL_EFFECT_WAIT_MS, wasReceived, type CallAttempt } from '../microsoft/call';
import { activateSubscription } from './activation.job';

/** Between attempts that Microsoft refuses while the subscription stays pending: it may be over in a moment, or need a person (contract 3.4). */
const REFUSED_BACKOFF: Backoff = { firstMs: CALL_EFFECT_WAIT_MS, limitMs: 600_000 };

/** The subscription service wants a subscription activated, for the first time or again after it had failed. */
export const orderActivation = (
  _state: undefined,
  { data: { subscriptionId, planId, quantity } }: MessageOf<typeof activate>,
): Outcome<undefined> => changed(undefined, activateSubscription({ subscriptionId, planId, quantity }));

/**
 * What a status allows. `waits`: as pending, but not to be activated; known from a schema alone (contract 3.2). `over`: an activation has
 * come to its end, whatever the status is.
 */
const activationIn: Readonly<Record<Status | 'unsaid', 'waits' | 'pending' | 'over'>> = {
  unsaid: 'waits', // the answer left the status out, or we don't know it: it is asked for again
  NotStarted: 'waits',
  PendingFulfillmentStart: 'pending',
  Subscribed: 'over',
  Suspended: 'over',
  Unsubscribed: 'over',
};

/**
 * What an activation does now. `publish` what the subscription shows: it is pending no longer, which is an end. `call`: Activate. `follow`:
 * Microsoft has received it. `wait`: it may have, or the subscription can't be activated yet. `fail`: it has had its time (rule 10).
 */
export type ActivationDecision = 'publish' | 'call' | 'follow' | 'wait' | 'fail';

/** What is known when an activation is looked at. */
export interface ActivationLook {
  readonly status: Status | undefined;
  /** Earlier calls of the same job, as the ledger knows them. */
  readonly attempts: readonly CallAttempt[];
  /** The activation has had its time. */
  readonly isTooLate: boolean;
}

/** Before Activate: billing begins with it (contract 3.4), so it is sent again only where an earlier one has had time to show. */
export function decideActivation({ status, attempts, isTooLate }: ActivationLook): ActivationDecision {
  const activation = activationIn[status ?? 'unsaid'];
  if (activation === 'over') return 'publish';
  if (activation === 'pending' && attempts.some(wasReceived)) return 'follow';
  if (isTooLate) return 'fail';
  if (activation === 'waits') return 'wait';
  const lastAgoMs = Math.min(...attempts.map(({ agoMs }) => agoMs));
  return lastAgoMs < CALL_EFFECT_WAIT_MS ? 'wait' : 'call';
}

/** What Activate names (contract 3.4): what the record was never told is taken from the read beside it; null where that does not say it either. */
export const boughtBy = (
  { planId, quantity }: Pick<DataOf<typeof activate>, 'planId' | 'quantity'>,
  shown: ShownSnapshot,
): { planId: string; quantity: number | null } => ({
  planId: planId || (shown.planId ?? ''),
  quantity: quantity ?? shown.quantity ?? null,
});

/** After Activate was received: it means received, not done (contract 3.4). */
export function decideFollowing(status: Status | undefined, isTooLate: boolean): ActivationDecision {
  if (activationIn[status ?? 'unsaid'] === 'over') return 'publish';
  return isTooLate ? 'fail' : 'wait';
}

/**
 * After Microsoft refused Activate. 400 and 404 may mean that the subscription is Subscribed, Suspended or Unsubscribed already
 * (contract 3.4): what it shows decides. While it is pending they prove nothing: a copy may lag, or an earlier attempt be at work. `isLast`: the next
 * attempt would come after the limit.
 */
export function decideAfterRefusal(status: Status | undefined, isLast: boolean): 'publish' | 'wait' | 'fail' {
  if (activationIn[status ?? 'unsaid'] === 'over') return 'publish';
  return isLast ? 'fail' : 'wait';
}

/** How long to wait after a refusal. */
export function untilActivatedAgainMs(earlier: readonly CallAttempt[]): number {
  const refusals = earlier.filter(({ status }) => status === 400 || status === 404);
  return backoffMs(refusals.length + 1, REFUSED_BACKOFF);
}

/** The end of an activation: the subscription as Microsoft shows it. */
export const activationShown = (read: SubscriptionRead) =>
  subscriptionObserved({ subscriptionId: read.snapshot.subscriptionId, read, occasion: 'activation', order: null, closes: [] });
