import type { Action } from '../operation/operation';
import type { WebhookPayload } from './webhook.payload';

/** What a try to deliver a webhook came to. */
export type Verdict =
  | 'received' // 2xx, or nothing is open that an answer could decide
  | 'refused' // a 4xx that rejects a change (contract 4.5)
  | 'failed'; // anything else: it is tried again

/** One try, for `GET /control/deliveries`. The bearer token is not kept. */
export interface Delivery {
  id: string;
  operationId: string;
  subscriptionId: string;
  action: Action;
  attempt: number;
  url: string | null;
  sentAt: string;
  tookMs: number;
  requestId: string;
  correlationId: string;
  tokenVersion: 'v1' | 'v2';
  requestBody: WebhookPayload;
  answer: Answer | null;
  /** Why there was no answer. */
  error: string | null;
  verdict: Verdict;
  /** Sent by hand: it changes nothing on Microsoft's side. */
  byHand: boolean;
  /** The fault that it met. */
  faultId?: string;
}

export interface Answer {
  status: number;
  /** The beginning of the body. */
  body: string;
}
