import { stableId, webhookAnswered, webhookReceived, webhookUnreadable } from '@landfall/contracts';
import type { Cause, Effect } from '@landfall/messaging';
import type { Reading } from './webhook.notification';
import type { KeptClaims } from './webhook.token';

/** An authentic delivery, as it is to be stored. */
export interface Delivery {
  readonly id: string;
  readonly receivedAt: Date;
  readonly claims: KeptClaims;
  /** Null where only the claims are kept. */
  readonly encryptedBody: string | null;
  /** Null where the body was not read. */
  readonly reading: Reading | null;
  readonly answer: number;
}

/** For ten seconds after the delivery a refusal counts (contract 4.5). */
const REFUSAL_LIMIT_MS = 10_000;

/** What is told of a delivery that is stored for the first time. */
export function effectsOf({ id, receivedAt, reading }: Delivery): Effect[] {
  const received = { deliveryId: id, receivedAt: receivedAt.toISOString() };
  if (reading?.kind === 'notification') {
    const deadline = new Date(receivedAt.getTime() + REFUSAL_LIMIT_MS).toISOString();
    return [webhookReceived({ ...received, ...reading.notification, deadline })];
  }
  return reading?.subscriptionId ? [webhookUnreadable({ ...received, subscriptionId: reading.subscriptionId })] : [];
}

/** An operation's action is one cause, however often it is delivered: its messages have the same ids in every repetition. */
export function causeOf({ id, reading }: Delivery): Cause {
  if (reading?.kind !== 'notification') return { id };
  const { operationId, action } = reading.notification;
  return { id: stableId('webhook', operationId, action), correlationId: operationId };
}

/** Said when Microsoft has the answer. */
export function answered(delivery: Delivery, answeredAt: Date): Effect[] {
  if (delivery.reading?.kind !== 'notification') return [];
  const { subscriptionId, operationId, action } = delivery.reading.notification;
  return [webhookAnswered({ subscriptionId, operationId, action, status: delivery.answer, answeredAt: answeredAt.toISOString() })];
}
