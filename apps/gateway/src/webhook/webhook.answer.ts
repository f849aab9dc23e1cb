import type { Unreadable } from './webhook.notification';
import type { TokenFault } from './webhook.token';

/** What became of a delivery. */
export type DeliveryOutcome =
  | { readonly kind: 'handled' }
  /** It was answered 200 before, and is again. */
  | { readonly kind: 'duplicate' }
  /** Its answer was held, and the decision came: `refused` while a refusal still counts. */
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly refusal: string }
  | { readonly kind: 'refused-too-late' }
  /** Its answer was to be held, and Microsoft has decided. */
  | { readonly kind: 'settled' }
  /** Its answer was held for `WEBHOOK_HOLD_LIMIT`, and nothing was decided. */
  | { readonly kind: 'undecided' }
  | { readonly kind: 'unreadable'; readonly reason: Unreadable['reason'] }
  | { readonly kind: 'rejected'; readonly reason: TokenFault }
  | { readonly kind: 'foreign-audience' | 'keys-away' | 'too-large' | 'overloaded' | 'failed' | 'unknown-registration' };

export interface WebhookAnswer {
  readonly status: number;
  readonly retryAfterSeconds?: number;
  /** Of a refusal, as JSON. */
  readonly body?: { readonly reason: string };
}

/** Microsoft tries again about every minute for eight hours (contract 4.4). */
const RETRY_AFTER_SECONDS = 10;
const tryAgain: WebhookAnswer = { status: 503, retryAfterSeconds: RETRY_AFTER_SECONDS };

/** What is answered for a delivery that is stored, where no decision is awaited. */
export const STORED_ANSWER = 200;
/** It refuses the change (contract 4.5). */
const REFUSING_ANSWER = 400;
/** Characters of a reason. Microsoft does not say that it shows it to anybody, nor how much of it. */
const REASON_LENGTH = 500;

/**
 * Chooses the answer to Microsoft, and it is the only place that does. A 4xx to a ChangePlan or ChangeQuantity rejects a customer's order
 * (contract 2.3), so a fault of ours is always 503, and so is a key that nobody can tell yet. An unreadable body is 200 although contract 4.6 names 400: it is stored and alarmed, its
 * subscription is read and that one's outstanding operations are followed, and a 400 might reject. Only what was decided, by subscription and in time,
 * is refused.
 */
export function answerTo(outcome: DeliveryOutcome): WebhookAnswer {
  switch (outcome.kind) {
    case 'handled':
    case 'unreadable':
    case 'duplicate':
    case 'accepted':
    case 'refused-too-late':
    case 'settled':
      return { status: STORED_ANSWER };
    case 'refused':
      return { status: REFUSING_ANSWER, body: { reason: outcome.refusal.slice(0, REASON_LENGTH) } };
    case 'rejected':
      return { status: 401 };
    case 'undecided':
    case 'foreign-audience':
    case 'keys-away':
    case 'too-large':
    case 'overloaded':
    case 'failed':
    case 'unknown-registration':
      return tryAgain;
  }
}
