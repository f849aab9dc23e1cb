import { factsOf } from '../../faults/fault.context';
import { instantOf } from '../../faults/rule/fault.instant';
import type { FaultRepository } from '../../faults/rule/fault.repository';
import { drawnMs } from '../../faults/rule/span';
import { limits } from '../../limits';
import type { OperationRepository } from '../../operation/operation.repository';
import type { SubscriptionRepository } from '../../subscription/subscription.repository';
import type { Clock } from '../../time/clock';
import { effectOn, type WaitingWebhook } from '../waiting.webhook';
import type { WebhookQueue } from '../webhook.queue';

const names = ['drop', 'postpone', 'reorder', 'duplicate', 'badToken', 'payload'] as const;

interface Reordered {
  /** How many deliveries still go before it. */
  remaining: number;
  /** Null: webhooks of any subscription count. */
  subscriptionId: string | null;
}

/** Applies the fault rules to webhooks. */
export class DeliveryFaults {
  /** Webhooks that a rule has put behind later ones, by id. After a restart only their time counts. */
  private readonly reordered = new Map<string, Reordered>();

  constructor(
    private readonly faults: FaultRepository,
    private readonly subscriptions: SubscriptionRepository,
    private readonly operations: OperationRepository,
    private readonly webhooks: WebhookQueue,
    private readonly clock: Clock,
  ) {}

  /**
   * The webhook with the faults of this try, or undefined when it is not to be sent yet. The rules are asked once per try, also if it has
   * to wait.
   */
  apply(webhook: WaitingWebhook): WaitingWebhook | undefined {
    const { faults, webhooks, clock } = this;
    this.reordered.delete(webhook.id);
    if (webhook.fault || faults.isEmpty()) return webhook;
    const fault = faults.takeForWebhook(this.contextOf(webhook));
    if (!fault) return webhook;
    const effects = names.map((name) => fault.effect(name)).filter((effect) => effect !== undefined);
    const faulty = { ...webhook, fault: { faultId: fault.id, effects } };
    const [postponement, reorder] = [effectOn(faulty, 'postpone'), effectOn(faulty, 'reorder')];
    if (postponement) webhooks.postpone(faulty, clock.now() + drawnMs(postponement.for, fault.random('postpone')));
    else if (reorder && this.reordered.size < limits.reorderedWebhooks) {
      this.reordered.set(webhook.id, {
        remaining: reorder.after,
        subscriptionId: reorder.of === 'any' ? null : webhook.payload.subscriptionId,
      });
      webhooks.postpone(faulty, instantOf(reorder.atMost, clock.now()));
    } else return faulty;
    return undefined;
  }

  /** A try has ended: webhooks that were put behind it may be due now. */
  ended({ id, payload: { subscriptionId } }: WaitingWebhook): void {
    const { webhooks, clock } = this;
    this.reordered.delete(id); // sent by hand, it may go before those it was put behind
    for (const [waitingId, waiting] of this.reordered) {
      if (waiting.subscriptionId !== null && waiting.subscriptionId !== subscriptionId) continue;
      if (--waiting.remaining > 0) continue;
      this.reordered.delete(waitingId);
      const webhook = webhooks.get(waitingId);
      if (webhook) webhooks.postpone(webhook, clock.now());
    }
  }

  reset(): void {
    this.reordered.clear();
  }

  private contextOf({ payload }: WaitingWebhook) {
    const subscription = this.subscriptions.get(payload.subscriptionId);
    const { offerId = null, planId = null } = subscription ?? {};
    return {
      subscriptions: [{ subscriptionId: payload.subscriptionId, offerId, planId }],
      action: payload.action,
      initiator: payload.operationRequestSource,
      ...factsOf(this.operations.get(payload.id), subscription?.position),
    };
  }
}
