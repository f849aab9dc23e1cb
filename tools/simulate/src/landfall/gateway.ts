import { stableId, webhookAnswered, webhookReceived } from '@landfall/contracts';
import type { Effect } from '@landfall/messaging';
import type { Scheduler } from '../scheduler';
import type { Payload, WebhookAnswer } from '../microsoft/webhooks';
import { instantOf, second } from '../time';
import type { Cause } from './messages';

/** Until when a refusal counts (contract 4.5). */
const refusalLimitMs = 10 * second;
/** From the delivery to the answer that has left. */
const answerMs = 20;

export interface GatewayOptions {
  readonly scheduler: Scheduler;
  readonly emit: (effects: readonly Effect[], cause: Cause) => void;
}

/**
 * Stands in for the gateway: it stores every delivery, answers 200, and passes on what it was told. The real one tells of a doubled webhook once; here
 * fulfillment is told each time, as if the gateway had forgotten the first.
 */
export class Gateway {
  private readonly deliveries = new Map<string, number>();

  constructor(private readonly options: GatewayOptions) {}

  /** `registration`: at whose address. */
  receive(payload: Payload, registration: string, answered: (status: WebhookAnswer) => void): void {
    const { scheduler, emit } = this.options;
    const name = `${payload.operationId} ${registration}`;
    const delivery = (this.deliveries.get(name) ?? 0) + 1;
    this.deliveries.set(name, delivery);
    const deliveryId = stableId('delivery', name, delivery);
    const cause = { id: deliveryId, correlationId: payload.operationId };
    const { operationId, subscriptionId, action, source, planId, quantity, timeStamp, isRevert } = payload;
    const received = {
      ...{ deliveryId, subscriptionId, operationId, action, source, planId, quantity, timeStamp, isRevert },
      registration,
      ...{ receivedAt: instantOf(scheduler.nowMs), deadline: instantOf(scheduler.nowMs + refusalLimitMs) },
    };
    emit([webhookReceived(received)], cause);
    scheduler.after(answerMs, () => {
      const answeredAt = instantOf(scheduler.nowMs);
      const about = { subscriptionId, operationId, action, registration };
      answered(200);
      emit([webhookAnswered({ ...about, status: 200, answeredAt })], cause);
    });
  }
}
