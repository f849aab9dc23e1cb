import { stableId, webhookAnswered, webhookReceived, webhookUnreadable } from '@landfall/contracts';
import type { Cause, Effect } from '@landfall/messaging';
import { STORED_ANSWER } from './webhook.answer';
import type { Notification, Unreadable } from './webhook.notification';
import type { KeptClaims } from './webhook.token';

/** What is stored of every delivery, whatever its body says. */
interface Received {
  readonly id: string;
  /** To whose address it came, with a token of that one's tenant. */
  readonly registration: string;
  readonly receivedAt: Date;
  readonly claims: KeptClaims;
  /** Null where only the claims are kept. */
  readonly encryptedBody: string | null;
  /** The HTTP status that is answered; null where that waits for a decision. */
  readonly answer: number | null;
}

/** The body was not read, since the token was made for another application. */
interface ForeignAudience {
  readonly kind: 'foreign-audience';
  readonly operationId: null;
  readonly action: null;
  readonly subscriptionId: null;
}

/**
 * An authentic delivery, as it is stored. `subscriptionId`, `operationId` and `action` are the same in every repetition of it, and the last two null where no
 * operation could be read: such a delivery is never taken for a repetition.
 */
export type Delivery = Received & (Notification | Unreadable | ForeignAudience);

/** Nobody has to decide first: 200 leaves as soon as it is stored. */
export const isAnsweredAtOnce = ({ answer }: Delivery): boolean => answer === STORED_ANSWER;

/** What is published about a delivery that is stored for the first time, and answered then (`answeredAt`) or later, or that an operator replays. */
export function effectsOf(
  delivery: Pick<Delivery, 'id' | 'registration' | 'receivedAt'> & (Notification | Unreadable | ForeignAudience),
  { answeredAt, ...replay }: { readonly isReplay?: true; readonly answeredAt?: Date | null } = {},
): Effect[] {
  const receivedAt = delivery.receivedAt.toISOString();
  const received = { deliveryId: delivery.id, registration: delivery.registration, receivedAt, ...replay };
  if (delivery.kind === 'notification') {
    const { operationId, subscriptionId, action } = delivery;
    const answered = answeredAt ? { answeredAt: answeredAt.toISOString() } : {};
    return [webhookReceived({ ...received, operationId, subscriptionId, action, ...answered, ...hintOf(delivery) })];
  }
  if (delivery.kind !== 'unreadable' || !delivery.subscriptionId) return [];
  const { subscriptionId, announcedAction: action } = delivery;
  return [webhookUnreadable({ ...received, subscriptionId, action, ...hintOf(delivery) })];
}

const hintOf = ({ source, planId, quantity, timeStamp, isRevert }: Notification | Unreadable) => ({
  ...{ source, planId, quantity, timeStamp, isRevert },
});

/**
 * An action of a subscription's operation (rule 4) is one cause, however often it is delivered: its messages have the same ids in every repetition. What
 * came for another registration is never one: nobody makes the delivery of another publisher a repetition by naming its operation first.
 */
export function causeOf({ id, registration, subscriptionId, operationId, action }: Delivery): Cause {
  if (operationId === null) return { id };
  return { id: stableId('webhook', registration, subscriptionId, operationId, action), correlationId: operationId };
}

/** Microsoft has the final answer to the operation of a delivery. */
export interface GivenAnswer {
  /** The delivery that was stored: this one, or the one that it repeats. */
  readonly deliveryId: string;
  readonly delivery: Delivery & Notification;
  readonly status: number;
}

/** Each answer that is published is one of its own, also the second one to the same delivery. */
export function causeOfAnswer({ delivery }: GivenAnswer, answeredAt: Date): Cause {
  const { id, ...cause } = causeOf(delivery);
  return { ...cause, id: stableId(id, 'answer', answeredAt.toISOString()) };
}

/** Published when Microsoft has the answer. */
export function answered({ delivery, status }: GivenAnswer, answeredAt: Date): Effect[] {
  const { subscriptionId, operationId, action, registration } = delivery;
  return [webhookAnswered({ subscriptionId, operationId, action, registration, status, answeredAt: answeredAt.toISOString() })];
}
