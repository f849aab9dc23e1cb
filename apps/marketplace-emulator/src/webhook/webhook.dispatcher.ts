import { randomUUID } from 'node:crypto';
import type { CallLedger } from '../calls/call.ledger';
import type { WebhookTokens } from '../identity/webhook.tokens';
import { limits } from '../limits';
import type { Marketplace } from '../marketplace';
import { publisherAddressesOf } from '../offers/technical.configuration';
import { isOpen } from '../operation/operation';
import type { Settlement } from '../operation/settlement';
import { Ring } from '../state/ring';
import type { Deliveries } from '../time/advance';
import { timeStampOf } from '../time/clock';
import type { Delivery } from './delivery';
import { verdictOn } from './delivery.verdict';
import { delayAfter } from './retry.schedule';
import type { WebhookPayload } from './webhook.payload';
import type { WaitingWebhook } from './webhook.queue';
import type { WebhookSender } from './webhook.sender';

/** Delivers what is due, several at once and in no promised order (contract 4.4), and tells the settlement what the publisher answered. */
export class WebhookDispatcher implements Deliveries {
  readonly deliveries = new Ring<Delivery>(limits.keptDeliveries);
  /** Operation ids that are due and wait for a free place. */
  private readonly due: string[] = [];
  private readonly underWay = new Map<string, Promise<void>>();
  private stopped = false;
  private resets = 0;
  tries = 0;
  takenAt = -Infinity;

  constructor(
    private readonly marketplace: Marketplace,
    private readonly settlement: Settlement,
    private readonly tokens: WebhookTokens,
    private readonly sender: WebhookSender,
    private readonly ledger: CallLedger,
    private readonly onError: (error: unknown) => void,
  ) {
    marketplace.scheduler.on('deliver-webhook', (operationId) => {
      this.due.push(operationId);
      setImmediate(() => this.fill());
    });
  }

  /** Sends a delivery once more, just as it was; the answer is noted and changes nothing. */
  async redeliver(earlier: Delivery): Promise<Delivery> {
    return this.transmit(earlier.requestBody, earlier.attempt, true);
  }

  onTheWay(): Promise<void>[] {
    return [...this.underWay.values()];
  }

  /** Forgets what was sent and what was to be sent. What is on its way arrives, but its answer belongs to what is gone. */
  reset(): void {
    this.resets++;
    this.deliveries.clear();
    this.due.length = 0;
    this.underWay.clear();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.race([Promise.all(this.underWay.values()), new Promise((resolve) => setTimeout(resolve, limits.stopMs).unref())]);
    await this.sender.close();
  }

  private fill(): void {
    while (!this.stopped && this.underWay.size < limits.concurrentDeliveries) {
      const operationId = this.due.shift();
      if (operationId === undefined) return;
      const webhook = this.marketplace.webhooks.get(operationId);
      if (!webhook || this.underWay.has(operationId)) continue;
      const work = this.deliver(webhook)
        .catch(this.onError) // a fault of the emulator's own: the webhook stays stored and is sent after a restart
        .finally(() => {
          if (this.underWay.get(operationId) === work) this.underWay.delete(operationId);
          this.fill();
        });
      this.underWay.set(operationId, work);
    }
  }

  private async deliver(webhook: WaitingWebhook): Promise<void> {
    const [sentAtMs, resetsBefore] = [this.marketplace.clock.now(), this.resets];
    const delivery = await this.transmit(webhook.payload, webhook.attempt, false);
    this.tries++;
    if (delivery.verdict !== 'failed') this.takenAt = performance.now();
    if (this.stopped || this.resets !== resetsBefore) return;
    this.marketplace.atomically(() => this.conclude(webhook, delivery, sentAtMs));
  }

  private conclude(webhook: WaitingWebhook, delivery: Delivery, sentAtMs: number): void {
    const { webhooks, operations, settings } = this.marketplace;
    if (!webhooks.get(webhook.id)) return; // given up in the meantime
    const operation = operations.get(webhook.id);
    switch (delivery.verdict) {
      case 'received':
        webhooks.remove(webhook.id);
        if (operation && isOpen(operation)) this.settlement.startCountdown(operation, sentAtMs);
        return;
      case 'refused':
        webhooks.remove(webhook.id);
        if (operation && isOpen(operation)) this.settlement.refuse(operation, 'answer');
        return;
      case 'failed': {
        const delayMs = delayAfter(webhook.attempt, settings.current.retryDelaysMs, settings.current.maxRetries);
        if (delayMs !== undefined) return webhooks.tryAgain(webhook, delayMs);
        webhooks.remove(webhook.id);
        if (operation && isOpen(operation))
          this.settlement.settle(operation, 'Failed', 'retries-exhausted', { errorMessage: 'The webhook was never received.' });
      }
    }
  }

  private async transmit(payload: WebhookPayload, attempt: number, byHand: boolean): Promise<Delivery> {
    const { settings, operations, applications, clock, observer } = this.marketplace;
    const { webhookTokenVersion, webhookTimeoutMs, autoAcceptMs } = settings.current;
    const { webhookUrl } = publisherAddressesOf(payload.subscriptionId, this.marketplace);
    const [requestId, correlationId] = [randomUUID(), randomUUID()];
    const [sentAtMs, resetsBefore] = [clock.now(), this.resets];
    const startedAt = performance.now();
    observer.note({ kind: 'delivery-began', atMs: sentAtMs, beganAtMs: clock.realNow(), operationId: payload.id, attempt, byHand });
    const outcome = webhookUrl
      ? await this.sender.send({
          url: webhookUrl,
          bearerToken: await this.tokens.issue(
            webhookTokenVersion,
            applications.ownerOf(this.marketplace.subscriptions.get(payload.subscriptionId) ?? payload),
          ),
          requestId,
          correlationId,
          body: payload,
          timeoutMs: webhookTimeoutMs,
        })
      : { error: 'no webhookUrl is set' };
    const tookMs = Math.round(performance.now() - startedAt);
    const answer = 'answer' in outcome ? outcome.answer : null;
    const delivery: Delivery = {
      id: randomUUID(),
      operationId: payload.id,
      subscriptionId: payload.subscriptionId,
      action: payload.action,
      attempt,
      url: webhookUrl,
      sentAt: timeStampOf(sentAtMs),
      tookMs,
      requestId,
      correlationId,
      tokenVersion: webhookTokenVersion,
      requestBody: payload,
      answer,
      error: 'error' in outcome ? outcome.error : null,
      verdict: verdictOn(operations.get(payload.id), answer, tookMs, autoAcceptMs),
      byHand,
    };
    if (this.resets === resetsBefore) this.note(delivery);
    return delivery;
  }

  private note(delivery: Delivery): void {
    const { clock, observer, operations } = this.marketplace;
    this.deliveries.add(delivery);
    if (delivery.url) this.ledger.noteDelivery(delivery, new URL(delivery.url).pathname); // without an address nobody was called
    const operation = operations.get(delivery.operationId);
    observer.note({ kind: 'delivery-ended', atMs: clock.now(), endedAtMs: clock.realNow(), delivery, operation });
  }
}
