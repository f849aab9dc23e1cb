import { limits } from '../limits';
import type { Marketplace } from '../marketplace';
import { publisherAddressesOf } from '../offers/technical.configuration';
import { isOpen } from '../operation/operation';
import type { Settlement } from '../operation/settlement';
import type { Deliveries } from '../time/advance';
import { timeStampOf } from '../time/clock';
import type { Delivery } from './delivery';
import { DeliveryLanes, type Place } from './delivery.lanes';
import type { DispatchPause } from './dispatch.pause';
import { asConfigured } from './payload.variants';
import { delayAfter } from './retry.schedule';
import type { WaitingWebhook } from './webhook.queue';
import type { WebhookTransmitter } from './webhook.transmitter';

/** Delivers what is due, several at once and in no promised order (contract 4.4), and tells the settlement what the publisher answered. */
export class WebhookDispatcher implements Deliveries {
  /** Those that are due and wait for a free place. */
  private readonly due = new DeliveryLanes();
  /** By operation. They end without an error. */
  private readonly underWay = new Map<string, Promise<void>>();
  private fillsSoon = false;
  private stopped = false;
  tries = 0;
  takenAt = -Infinity;

  constructor(
    private readonly marketplace: Marketplace,
    private readonly settlement: Settlement,
    private readonly transmitter: WebhookTransmitter,
    private readonly pause: DispatchPause,
    private readonly onError: (error: unknown) => void,
  ) {
    marketplace.scheduler.on('deliver-webhook', (operationId) => this.whenDue(operationId));
  }

  onTheWay(): Promise<void>[] {
    return [...this.underWay.values()];
  }

  /** Where a waiting webhook stands. */
  stateOf({ id }: WaitingWebhook): 'under-way' | 'due' | 'waiting' {
    if (this.underWay.has(id)) return 'under-way';
    return this.due.has(id) ? 'due' : 'waiting';
  }

  /** Sends what has gathered in a pause, in the order in which it became due or in another one. */
  resume(order: (operationIds: string[]) => string[]): void {
    this.due.reorder(order);
    this.pause.end();
    this.fill();
  }

  /** Sends a waiting webhook at once, before its time and in spite of a pause. Undefined when it was broken off. */
  deliverNow(webhook: WaitingWebhook): Promise<Delivery | undefined> {
    this.due.remove(webhook.id);
    this.marketplace.scheduler.cancel('deliver-webhook', webhook.id);
    return this.begin(webhook);
  }

  /** Forgets what was sent and what was to be sent, and breaks off what is on its way. */
  reset(): void {
    this.due.clear();
    this.underWay.clear();
    this.transmitter.reset();
  }

  /** What is on its way is broken off; it stays stored and is sent again after the next start. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.transmitter.stop();
    await Promise.all(this.underWay.values());
  }

  private whenDue(operationId: string): void {
    const webhook = this.marketplace.webhooks.get(operationId);
    if (!webhook) return;
    const { webhookUrl } = publisherAddressesOf(webhook.payload.subscriptionId, this.marketplace);
    this.due.add(operationId, webhookUrl ?? 'nowhere');
    if (this.fillsSoon) return;
    this.fillsSoon = true;
    setImmediate(() => this.fill()); // when the transaction in which the timer fires is over
  }

  private fill(): void {
    this.fillsSoon = false;
    while (!this.stopped && this.pause.since === null) {
      const place = this.due.enter(this.marketplace.settings.current.webhookConcurrency);
      if (!place) return;
      const webhook = this.marketplace.webhooks.get(place.operationId);
      if (webhook && !this.underWay.has(webhook.id)) void this.use(place, webhook);
      else this.due.leave(place);
    }
  }

  /** A fault of the emulator's own is reported: the webhook stays stored and is sent after a restart. */
  private async use(place: Place, webhook: WaitingWebhook): Promise<void> {
    try {
      await this.begin(webhook);
    } catch (error) {
      this.onError(error);
    } finally {
      this.due.leave(place);
      this.fill();
    }
  }

  private begin(webhook: WaitingWebhook): Promise<Delivery | undefined> {
    const work = this.deliver(webhook);
    const end = () => {
      if (this.underWay.get(webhook.id) === ended) this.underWay.delete(webhook.id);
    };
    const ended = work.then(end, end);
    this.underWay.set(webhook.id, ended);
    return work;
  }

  private async deliver(webhook: WaitingWebhook): Promise<Delivery | undefined> {
    const { id, attempt, payload } = webhook;
    const { subscriptionId, action } = payload;
    const { settings, operations, clock } = this.marketplace;
    const operation = operations.get(id);
    if (settings.current.autoAccept === 'always' && operation && isOpen(operation) && operation.deliveredAtMs === null)
      this.marketplace.atomically(() => this.settlement.startCountdown(operation, clock.now()));
    const inAHurry = this.due.size > limits.webhooksSignedOneByOne;
    const delivery = await this.transmitter.transmit({
      kind: 'genuine',
      operationId: id,
      subscriptionId,
      action,
      attempt,
      body: asConfigured(payload, settings.current.webhookPayloadVariants),
      inAHurry,
    });
    this.tries++;
    if (delivery && delivery.verdict !== 'failed') this.takenAt = performance.now();
    if (delivery) this.marketplace.atomically(() => this.conclude(webhook, delivery));
    return delivery;
  }

  private conclude(webhook: WaitingWebhook, delivery: Delivery): void {
    const { webhooks, operations } = this.marketplace;
    if (!webhooks.get(webhook.id)) return; // given up in the meantime
    if (delivery.verdict === 'failed') return this.tryAgain(webhook, delivery);
    webhooks.remove(webhook.id);
    const operation = operations.get(webhook.id);
    if (!operation || !isOpen(operation)) return;
    if (delivery.verdict === 'refused') this.settlement.refuse(operation, 'answer');
    else if (operation.deliveredAtMs === null) this.settlement.startCountdown(operation, Date.parse(delivery.sentAt));
  }

  /** The wait counts from the moment when the failed try was sent: 500 tries take their 8 hours, however long each of them hangs. */
  private tryAgain(webhook: WaitingWebhook, delivery: Delivery): void {
    const { webhooks, operations, settings, clock } = this.marketplace;
    const delayMs = delayAfter(webhook.attempt, settings.current.retryDelaysMs, settings.current.maxRetries);
    if (delayMs !== undefined) {
      const dueAtMs = Math.max(Date.parse(delivery.sentAt) + delayMs, clock.now());
      delivery.nextTryAt = timeStampOf(dueAtMs);
      return webhooks.tryAgain(webhook, dueAtMs);
    }
    webhooks.remove(webhook.id);
    const operation = operations.get(webhook.id);
    if (operation && isOpen(operation))
      this.settlement.settle(operation, 'Failed', 'retries-exhausted', { errorMessage: 'The webhook was never received.' });
  }
}
