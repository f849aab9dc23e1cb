import {
  operationAnnounced,
  subscriptionObserved,
  type cancelSubscription,
  type MessageOf,
  type Status,
  type SubscriptionRead,
} from '@landfall/contracts';
import { changed, type Outcome } from '@landfall/messaging';
import { backoffMs, type Backoff } from '../backoff';
import { CALL_EFFECT_WAIT_MS, wasReceived, type CallAttempt } from '../microsoft/call';
import { cancelPurchase } from './cancellation.job';

/** Between attempts that Microsoft refuses: an operation may lock the subscription for a moment, or a person be needed (contract 3.9). */
const REFUSED_BACKOFF: Backoff = { firstMs: CALL_EFFECT_WAIT_MS, limitMs: 600_000 };

/** A purchase was rejected, for the first time or again after its cancellation had failed. */
export const orderCancellation = (
  _state: undefined,
  { data: { subscriptionId, requestId } }: MessageOf<typeof cancelSubscription>,
): Outcome<undefined> => changed(undefined, cancelPurchase({ subscriptionId, requestId }));

/**
 * What a status means for the cancellation of a pending purchase. `unsaid`: it is asked for again. `missed`: Microsoft has activated it meanwhile, so that
 * DELETE would end something else than what was rejected.
 */
const cancellationIn: Readonly<Record<Status | 'unsaid', 'unsaid' | 'pending' | 'cancelled' | 'missed'>> = {
  unsaid: 'unsaid',
  NotStarted: 'pending', // contract 5.1
  PendingFulfillmentStart: 'pending',
  Subscribed: 'missed',
  Suspended: 'missed',
  Unsubscribed: 'cancelled',
};

/**
 * What a cancellation does now. `publish` the end that Microsoft shows. `call`: DELETE. `follow`: Microsoft has received it. `wait`: it may have, or the
 * status is not said. `miss`: the purchase is pending no longer. `fail`: it has had its time (rule 10).
 */
export type CancellationDecision = 'publish' | 'call' | 'follow' | 'wait' | 'miss' | 'fail';

/** What is known when a cancellation is looked at. */
export interface CancellationLook {
  readonly status: Status | undefined;
  /** Earlier calls of the same job, as the ledger knows them. */
  readonly attempts: readonly CallAttempt[];
  /** The cancellation has had its time. */
  readonly isTooLate: boolean;
}

/** Before DELETE, which is never sent again before an earlier one has had time to show. */
export function decideCancellation({ status, attempts, isTooLate }: CancellationLook): CancellationDecision {
  const cancellation = cancellationIn[status ?? 'unsaid'];
  if (cancellation === 'cancelled') return 'publish';
  if (cancellation === 'missed') return 'miss';
  if (attempts.some(wasReceived)) return 'follow';
  if (isTooLate) return 'fail';
  if (cancellation === 'unsaid') return 'wait';
  const lastAgoMs = Math.min(...attempts.map(({ agoMs }) => agoMs));
  return lastAgoMs < CALL_EFFECT_WAIT_MS ? 'wait' : 'call';
}

/** After Microsoft refused DELETE (400, 404, 409: contract 3.9): what the subscription shows decides. `isLast`: the next attempt would come too late. */
export function decideAfterRefusal(status: Status | undefined, isLast: boolean): 'publish' | 'wait' | 'miss' | 'fail' {
  const cancellation = cancellationIn[status ?? 'unsaid'];
  if (cancellation === 'cancelled') return 'publish';
  if (cancellation === 'missed') return 'miss';
  return isLast ? 'fail' : 'wait';
}

/** What Get Operation says of the operation that DELETE began. `unknown`: Microsoft named none, or does not show it. */
export type CancellationOperation = 'unknown' | 'open' | 'succeeded' | 'failed';

/** After DELETE was received, which means received, not cancelled (contract 3.9). `lost`: Microsoft ended it without an effect. */
export function decideFollowing(
  status: Status | undefined,
  operation: CancellationOperation,
  isTooLate: boolean,
): 'publish' | 'wait' | 'miss' | 'lost' | 'fail' {
  const cancellation = cancellationIn[status ?? 'unsaid'];
  if (cancellation === 'cancelled') return 'publish';
  if (operation === 'failed') return cancellation === 'missed' ? 'miss' : 'lost';
  if (isTooLate) return cancellation === 'missed' ? 'miss' : 'fail';
  return cancellation === 'missed' && operation === 'unknown' ? 'miss' : 'wait';
}

/** How long to wait after a refusal. */
export function untilCancelledAgainMs(earlier: readonly CallAttempt[]): number {
  const refusals = earlier.filter(({ status }) => status === 400 || status === 404 || status === 409);
  return backoffMs(refusals.length + 1, REFUSED_BACKOFF);
}

/** The subscription as Microsoft shows it at the end of a cancellation. */
export const cancellationShown = (read: SubscriptionRead) =>
  subscriptionObserved({ subscriptionId: read.snapshot.subscriptionId, read, occasion: 'cancellation', order: null, closes: [] });

/** The answer to our own DELETE names its operation, before any webhook does (rule 9). When it began only Microsoft knows. */
export const cancellationAnnounced = (subscriptionId: string, operationId: string) =>
  operationAnnounced({
    ...{ subscriptionId, operationId, action: 'Unsubscribe', source: 'Partner' },
    ...{ planId: null, quantity: null, timeStamp: null, isRevert: false },
  });

/** What an operator reads where the purchase is pending no longer. */
export const missedReason = (status: Status | undefined): string =>
  `Microsoft shows the purchase as ${status}, so it is pending no longer and was not cancelled: it is billed`;
