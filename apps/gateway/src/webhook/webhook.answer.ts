import type { Unreadable } from './webhook.notification';
import type { TokenFault } from './webhook.token';

/** What became of a delivery. */
export type DeliveryOutcome =
  | { readonly kind: 'handled' }
  /** It was stored before, and gets the recorded answer again. */
  | { readonly kind: 'duplicate'; readonly recordedAnswer: number }
  | { readonly kind: 'unreadable'; readonly reason: Unreadable['reason'] }
  | { readonly kind: 'rejected'; readonly reason: TokenFault }
  | { readonly kind: 'foreign-audience' | 'keys-away' | 'too-large' | 'overloaded' | 'failed' | 'unknown-registration' };

export interface WebhookAnswer {
  readonly status: number;
  readonly retryAfterSeconds?: number;
}

/** Microsoft tries again about every minute for eight hours (contract 4.4). */
const RETRY_AFTER_SECONDS = 10;
const tryAgain: WebhookAnswer = { status: 503, retryAfterSeconds: RETRY_AFTER_SECONDS };

/** What is answered, and recorded, for a delivery that is stored for the first time. */
export const STORED_ANSWER = 200;

/**
 * Chooses the answer to Microsoft, and it is the only place that does. A 4xx to a ChangePlan or ChangeQuantity rejects a customer's order
 * (contract 2.3), so a fault of ours is always 503, and so is a key that nobody can tell yet. An unreadable body is 200 although contract 4.6 names 400: it is stored and alarmed, its
 * subscription is read and that one's outstanding operations are followed, and a 400 might reject. A delivery whose answer is to be held until subscription has decided gets its outcome, and
 * so its answer, here.
 */
export function answerTo(outcome: DeliveryOutcome): WebhookAnswer {
  switch (outcome.kind) {
    case 'handled':
    case 'unreadable':
      return { status: STORED_ANSWER };
    case 'duplicate':
      return { status: outcome.recordedAnswer };
    case 'rejected':
      return { status: 401 };
    case 'foreign-audience':
    case 'keys-away':
    case 'too-large':
    case 'overloaded':
    case 'failed':
    case 'unknown-registration':
      return tryAgain;
  }
}
