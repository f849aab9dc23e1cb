import { limits } from '../limits';
import type { Marketplace } from '../marketplace';
import type { BadTokenName } from './bad.tokens';
import type { Delivery } from './delivery';
import type { WebhookDispatcher } from './webhook.dispatcher';
import type { WebhookTransmitter } from './webhook.transmitter';

/** Why nothing was sent by hand. */
export interface NotSent {
  notSent: 'unknown' | 'under-way' | 'busy' | 'broken-off';
  message: string;
}

/** Webhooks that somebody sends by hand, to see what the publisher makes of them. */
export class ManualDeliveries {
  private underWay = 0;

  constructor(
    private readonly marketplace: Marketplace,
    private readonly dispatcher: WebhookDispatcher,
    private readonly transmitter: WebhookTransmitter,
  ) {}

  /** Sends a kept delivery once more, as it was but with a fresh token, or with a bad one; the answer is noted and changes nothing. */
  async redeliver(deliveryId: string, badToken?: BadTokenName): Promise<Delivery | NotSent> {
    const earlier = this.transmitter.deliveries.find((delivery) => delivery.id === deliveryId);
    if (!earlier)
      return { notSent: 'unknown', message: `There is no delivery ${deliveryId}, or it was so long ago that it is not kept any more.` };
    const { operationId, subscriptionId, action, attempt, requestBody: body } = earlier;
    const kind = badToken ? 'forged' : 'by-hand';
    return this.send(() => this.transmitter.transmit({ kind, operationId, subscriptionId, action, attempt, body, badToken }));
  }

  /** Sends a waiting webhook before its time, also during a pause: its answer counts like any. */
  async deliverNow(operationId: string): Promise<Delivery | NotSent> {
    const webhook = this.marketplace.webhooks.get(operationId);
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
