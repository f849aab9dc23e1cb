import { limits } from '../../limits';
import type { PublisherAddresses } from '../../offers/publisher.addresses';
import type { SettingsRepository } from '../../settings/settings.repository';
import type { Atomically } from '../../state/atomically';
import type { Deliveries } from '../../time/advance';
import type { Scheduler } from '../../time/scheduler';
import { altered, asConfigured } from '../payload.variants';
import { effectOn, type WaitingWebhook } from '../waiting.webhook';
import type { WebhookQueue } from '../webhook.queue';
import type { Delivery } from './delivery';
import type { DeliveryFaults } from './delivery.faults';
import type { DeliveryOutcomes } from './delivery.outcomes';
import { DeliveryQueues, type Slot } from './delivery.queues';
import type { DispatchPause } from './dispatch.pause';
import type { DeliveryRequest, WebhookTransmitter } from './webhook.transmitter';

/** Delivers what is due, several at once and in no promised order (contract 4.4). */
export class WebhookDispatcher implements Deliveries {
  /** Those that are due and wait for a free slot. */
  private readonly due = new DeliveryQueues();
  /** By operation. They end without an error. */
  private readonly underWay = new Map<string, Promise<void>>();
  private fillsSoon = false;
  private stopped = false;
  private resets = 0;
  private copiesUnderWay = 0;
  tries = 0;
  takenAt = -Infinity;

  constructor(
    private readonly webhooks: WebhookQueue,
    private readonly publisherAddresses: PublisherAddresses,
    private readonly settings: SettingsRepository,
    private readonly scheduler: Scheduler,
    private readonly atomically: Atomically,
    private readonly transmitter: WebhookTransmitter,
    private readonly outcomes: DeliveryOutcomes,
    private readonly pause: DispatchPause,
    private readonly faults: DeliveryFaults,
    private readonly onError: (error: unknown) => void,
  ) {
    scheduler.on('deliver-webhook', (operationId) => this.whenDue(operationId));
  }

  onTheWay(): Promise<void>[] {
    return [...this.underWay.values()];
  }

  /** Where a waiting webhook stands. */
  stateOf({ id }: WaitingWebhook): 'under-way' | 'due' | 'waiting' {
    if (this.underWay.has(id)) return 'under-way';
    return this.due.has(id) ? 'due' : 'waiting';
  }

  /** Sends what became due during a pause, in the order in which it became due or in another one. */
  resume(order: (operationIds: string[]) => string[]): void {
    this.due.reorder(order);
    this.pause.end();
    this.fill();
  }

  /** Sends a waiting webhook at once, before its time and in spite of a pause. Undefined when it was broken off. */
  deliverNow(webhook: WaitingWebhook): Promise<Delivery | undefined> {
    this.due.remove(webhook.id);
    this.scheduler.cancel('deliver-webhook', webhook.id);
    return this.begin(webhook);
  }

  /** Forgets what was sent and what was to be sent, and breaks off what is on its way. */
  reset(): void {
    this.resets++;
    this.faults.reset();
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
    const webhook = this.webhooks.get(operationId);
    if (!webhook) return;
    const { webhookUrl } = this.publisherAddresses.of(webhook.payload.subscriptionId);
    this.due.add(operationId, webhookUrl ?? 'nowhere');
    if (this.fillsSoon) return;
    this.fillsSoon = true;
    setImmediate(() => this.fill()); // when the transaction in which the timer fires is over
  }

  private fill(): void {
    this.fillsSoon = false;
    while (!this.stopped && this.pause.since === null) {
      const slot = this.due.acquire(this.settings.current.webhookConcurrency);
      if (!slot) return;
      const webhook = this.webhooks.get(slot.operationId);
      if (webhook && !this.underWay.has(webhook.id)) void this.use(slot, webhook);
      else this.due.release(slot);
    }
  }

  /** A fault of the emulator's own is reported: the webhook stays stored and is sent after a restart. */
  private async use(slot: Slot, webhook: WaitingWebhook): Promise<void> {
    try {
      await this.begin(webhook, { appliesFaults: true });
    } catch (error) {
      this.onError(error);
    } finally {
      this.due.release(slot);
      this.fill();
    }
  }

  private begin(webhook: WaitingWebhook, { appliesFaults = false } = {}): Promise<Delivery | undefined> {
    const work = this.deliver(webhook, appliesFaults);
    const end = () => {
      if (this.underWay.get(webhook.id) === ended) this.underWay.delete(webhook.id);
    };
    const ended = work.then(end, end);
    this.underWay.set(webhook.id, ended);
    return work;
  }

  private async deliver(waiting: WaitingWebhook, appliesFaults: boolean): Promise<Delivery | undefined> {
    const webhook = appliesFaults ? this.atomically(() => this.faults.apply(waiting)) : waiting;
    if (!webhook) return undefined; // not yet
    this.outcomes.begin(webhook);
    const request = this.requestFor(webhook);
    const badToken = effectOn(webhook, 'badToken')?.kind;
    if (badToken && !(await this.transmitter.transmit({ ...request, kind: 'forged', badToken }))) return undefined; // broken off, and the genuine one with it
    const copies = effectOn(webhook, 'duplicate');
    if (copies) this.sendCopies(request, copies.copies, copies.spacingMs);
    const drop = effectOn(webhook, 'drop')?.as;
    const delivery = await this.transmitter.transmit(drop ? { ...request, droppedAs: drop === 'lost' ? 'failed' : 'received' } : request);
    this.tries++;
    if (delivery && delivery.verdict !== 'failed') this.takenAt = performance.now();
    if (delivery)
      this.atomically(() => {
        this.outcomes.conclude(webhook, delivery);
        this.faults.ended(webhook);
      });
    return delivery;
  }

  private requestFor(webhook: WaitingWebhook): DeliveryRequest {
    const { id, attempt, payload, fault } = webhook;
    const body = asConfigured(payload, this.settings.current.webhookPayloadVariants);
    const alteration = effectOn(webhook, 'payload');
    return {
      kind: 'genuine',
      operationId: id,
      subscriptionId: payload.subscriptionId,
      action: payload.action,
      attempt,
      body: alteration ? altered(body, alteration) : body,
      mayShareToken: this.due.size > limits.webhooksSignedOneByOne,
      faultId: fault?.faultId,
    };
  }

  /**
   * The copies go their own way, as many at once as there may be: nothing waits for them, and a reset or a restart forgets those that have
   * not gone yet.
   */
  private sendCopies(request: DeliveryRequest, copies: number, spacingMs: number): void {
    const { resets } = this;
    for (let copy = 1; copy <= copies && this.copiesUnderWay < limits.webhookCopiesAtOnce; copy++) {
      this.copiesUnderWay++;
      const send = () => {
        const isMeant = !this.stopped && this.resets === resets;
        const sent = isMeant ? this.transmitter.transmit({ ...request, kind: 'duplicate' }) : Promise.resolve(undefined);
        sent.catch(this.onError).finally(() => this.copiesUnderWay--);
      };
      if (spacingMs === 0) send();
      else setTimeout(send, copy * spacingMs).unref();
    }
  }
}
