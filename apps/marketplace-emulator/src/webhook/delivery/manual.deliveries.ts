import { randomUUID } from 'node:crypto';
import { limits } from '../../limits';
import type { Operation } from '../../operation/operation';
import type { Subscription } from '../../subscription/subscription';
import type { Parties } from '../../subscription/subscription.dto';
import type { Clock } from '../../time/clock';
import { altered, type Alteration } from '../payload.variants';
import type { BadTokenName } from '../token/bad.tokens';
import { webhookPayload } from '../webhook.payload';
import type { WebhookQueue } from '../webhook.queue';
import type { Delivery } from './delivery';
import type { WebhookDispatcher } from './webhook.dispatcher';
import type { WebhookTransmitter } from './webhook.transmitter';

/** Why nothing was sent by hand. */
export interface NotSent {
  notSent: 'unknown' | 'under-way' | 'busy' | 'broken-off';
  message: string;
}

/** How a webhook that is sent by hand differs from a right one. */
export interface Changes extends Alteration {
  badToken?: BadTokenName;
}

/** Webhooks that are sent by hand, to see how the publisher handles them. */
export class ManualDeliveries {
  private underWay = 0;

  constructor(
    private readonly webhooks: Pick<WebhookQueue, 'get'>,
    private readonly parties: Parties,
    private readonly clock: Clock,
    private readonly dispatcher: WebhookDispatcher,
    private readonly transmitter: WebhookTransmitter,
  ) {}

  /** Sends a kept delivery once more, as it was but with a fresh token, or altered; the answer is recorded and changes nothing. */
  async redeliver(deliveryId: string, changes: Changes = {}): Promise<Delivery | NotSent> {
    const earlier = this.transmitter.deliveries.find((delivery) => delivery.id === deliveryId);
    if (!earlier)
      return { notSent: 'unknown', message: `There is no delivery ${deliveryId}, or it was so long ago that it is not kept any more.` };
    const { operationId, subscriptionId, action, attempt, requestBody } = earlier;
    const { badToken } = changes;
    const [kind, body] = [badToken ? 'forged' : 'by-hand', altered(requestBody, changes)] as const;
    return this.send(() => this.transmitter.transmit({ kind, operationId, subscriptionId, action, attempt, body, badToken }));
  }

  /**
   * Sends a webhook that was made up, with any action. There is no such operation, it is tried once, and its answer changes nothing, since
   * Microsoft has not sent it.
   */
  async craft(subscription: Subscription, action: string, changes: Changes): Promise<Delivery | NotSent> {
    const operation = craftedOperation(subscription, this.clock.timeStamp());
    const { badToken } = changes;
    const body = altered({ ...webhookPayload(operation, subscription, this.parties), action }, changes);
    const request = { operationId: operation.id, subscriptionId: subscription.id, action, attempt: 1, body, badToken };
    return this.send(() => this.transmitter.transmit({ kind: badToken ? 'forged' : 'crafted', ...request }));
  }

  /** Sends a waiting webhook before its time, also during a pause: its answer counts like any. */
  async deliverNow(operationId: string): Promise<Delivery | NotSent> {
    const webhook = this.webhooks.get(operationId);
    if (!webhook)
      return { notSent: 'unknown', message: `No webhook of operation ${operationId} waits: GET /control/webhooks lists those that do.` };
    if (this.dispatcher.stateOf(webhook) === 'under-way')
      return { notSent: 'under-way', message: `The webhook of operation ${operationId} is on its way already.` };
    return this.send(() => this.dispatcher.deliverNow(webhook));
  }

  private async send(work: () => Promise<Delivery | undefined>): Promise<Delivery | NotSent> {
    if (this.underWay >= limits.deliveriesByHand) {
      return {
        notSent: 'busy',
        message: `${limits.deliveriesByHand} deliveries by hand are on their way already; try again when one has come to its end.`,
      };
    }
    this.underWay++;
    try {
      return (await work()) ?? { notSent: 'broken-off', message: 'The delivery was broken off by a reset or by the end of the emulator.' };
    } finally {
      this.underWay--;
    }
  }
}

/** An operation that is nowhere but in a payload. */
function craftedOperation(subscription: Subscription, timeStamp: string): Operation {
  return {
    id: randomUUID(),
    subscriptionId: subscription.id,
    action: 'Renew', // the payload gets the wanted one
    requestSource: 'Azure',
    status: 'Succeeded',
    planId: subscription.planId,
    quantity: subscription.quantity,
    timeStamp,
    reverts: null,
    deliveredAtMs: null,
    settledBy: 'microsoft',
    settledAt: timeStamp,
    errorStatusCode: '',
    errorMessage: '',
  };
}
