import type { BadTokenName } from '../token/bad.tokens';

/** What a try to deliver a webhook came to. */
export type Verdict = (typeof verdicts)[number];

export const verdicts = [
  'received', // 2xx, or nothing is open that an answer could decide
  'refused', // a 4xx that rejects a change (contract 4.5)
  'failed', // anything else: a genuine one is tried again
  'forgery-rejected', // a forged token was answered by 4xx, as it has to be
  'forgery-accepted', // a forged token was answered by 2xx: the publisher does not check tokens
] as const;

/** Why a webhook was sent. Only what Microsoft sends by itself has an effect on its side. */
export type DeliveryKind = (typeof deliveryKinds)[number];

export const deliveryKinds = [
  'genuine',
  'duplicate', // one more of the same, by a fault rule
  'forged', // with a token that a publisher must refuse
  'by-hand', // an earlier one once more
  'crafted', // made up for a test: there is no such operation
] as const;

/** One try, for `GET /control/deliveries`. The token's signature is not kept. */
export interface Delivery {
  id: string;
  kind: DeliveryKind;
  operationId: string;
  subscriptionId: string;
  /** Mostly one of Microsoft's; a crafted one may have any. */
  action: string;
  attempt: number;
  url: string | null;
  sentAt: string;
  tookMs: number;
  requestId: string;
  correlationId: string;
  tokenVersion: 'v1' | 'v2';
  /** Header and claims as they were sent, encoded; null where no token was. */
  unsignedToken: string | null;
  /** What is wrong with the token, by its name in `badTokens`. */
  badToken: BadTokenName | null;
  requestBody: object;
  answer: Answer | null;
  /** Why there was no answer. */
  error: string | null;
  verdict: Verdict;
  /** The fault rule that was applied to it. */
  faultId?: string;
  /** When the same webhook is tried again, on the emulator's clock; null: never. */
  nextTryAt: string | null;
}

export interface Answer {
  status: number;
  /** The beginning of the body. */
  body: string;
}
