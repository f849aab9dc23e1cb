import { limits } from '../limits';
import type { Operation } from '../operation/operation';
import type { Collection } from '../state/document.store';
import type { Subscription } from '../subscription/subscription';
import type { Parties } from '../subscription/subscription.dto';
import type { Clock } from '../time/clock';
import type { Scheduler } from '../time/scheduler';
import type { WaitingWebhook } from './waiting.webhook';
import { webhookPayload } from './webhook.payload';

/** Webhooks that wait for their delivery, stored until the publisher has received them or Microsoft gives up. */
export class WebhookQueue {
  constructor(
    private readonly waiting: Collection<WaitingWebhook>,
    private readonly parties: Parties,
    private readonly scheduler: Scheduler,
    private readonly clock: Clock,
  ) {
    waiting.whenLoaded(() => this.resume());
  }

  get size(): number {
    return this.waiting.size;
  }

  /** In the order in which they came. */
  all(): IterableIterator<WaitingWebhook> {
    return this.waiting.values();
  }

  isFull(): boolean {
    return this.waiting.size >= limits.waitingWebhooks;
  }

  add(operation: Operation, subscription: Subscription): void {
    const payload = webhookPayload(operation, subscription, this.parties);
    this.waiting.put({ id: operation.id, payload, attempt: 1, nextTryAtMs: this.clock.now() });
    this.scheduler.schedule('deliver-webhook', operation.id, this.clock.now());
  }

  get(operationId: string): WaitingWebhook | undefined {
    return this.waiting.get(operationId);
  }

  remove(operationId: string): void {
    this.waiting.delete(operationId);
  }

  /** Another try of the same webhook. */
  tryAgain(webhook: WaitingWebhook, dueAtMs: number): void {
    const { fault: _fault, ...kept } = webhook;
    this.waiting.put({ ...kept, attempt: webhook.attempt + 1, nextTryAtMs: dueAtMs });
    this.scheduler.schedule('deliver-webhook', webhook.id, dueAtMs);
  }

  /** The same try, at another time. */
  postpone(webhook: WaitingWebhook, dueAtMs: number): void {
    this.waiting.put({ ...webhook, nextTryAtMs: dueAtMs });
    this.scheduler.schedule('deliver-webhook', webhook.id, dueAtMs);
  }

  /** After a restart or from a snapshot: those that were on their way at that moment are sent again, so the publisher may see one twice. */
  private resume(): void {
    for (const webhook of this.waiting.values()) {
      if (!this.scheduler.isScheduled('deliver-webhook', webhook.id))
        this.scheduler.schedule('deliver-webhook', webhook.id, this.clock.now());
    }
  }
}
