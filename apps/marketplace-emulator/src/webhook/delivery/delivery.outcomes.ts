import { isOpen } from '../../operation/operation';
import type { OperationRepository } from '../../operation/operation.repository';
import type { Settlement } from '../../operation/settlement';
import type { SettingsRepository } from '../../settings/settings.repository';
import type { Atomically } from '../../state/atomically';
import { timeStampOf, type Clock } from '../../time/clock';
import type { WaitingWebhook } from '../waiting.webhook';
import type { WebhookQueue } from '../webhook.queue';
import type { Delivery } from './delivery';
import { delayAfter } from './retry.schedule';

/** What a delivery does to its operation and to the queue: it ends the operation, starts its ten seconds, or is tried again. */
export class DeliveryOutcomes {
  constructor(
    private readonly webhooks: WebhookQueue,
    private readonly operations: OperationRepository,
    private readonly settlement: Settlement,
    private readonly settings: SettingsRepository,
    private readonly clock: Clock,
    private readonly atomically: Atomically,
  ) {}

  /** A try begins. Here the ten seconds start where they run whether the webhook is received or not. */
  begin({ id }: WaitingWebhook): void {
    const { settings, operations, clock } = this;
    const operation = operations.get(id);
    if (settings.current.autoAccept === 'always' && operation && isOpen(operation) && operation.deliveredAtMs === null)
      this.atomically(() => this.settlement.startCountdown(operation, clock.now()));
  }

  /** A try has ended. To be called inside `atomically`. */
  conclude(webhook: WaitingWebhook, delivery: Delivery): void {
    const { webhooks, operations } = this;
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
    const { webhooks, operations, settings, clock } = this;
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
