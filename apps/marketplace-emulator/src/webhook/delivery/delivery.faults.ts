import { instantOf } from '../../faults/rule/fault.instant';
import type { FaultRepository } from '../../faults/rule/fault.repository';
import { limits } from '../../limits';
import type { SubscriptionRepository } from '../../subscription/subscription.repository';
import type { Clock } from '../../time/clock';
import { effectOn, type WaitingWebhook } from '../waiting.webhook';
import type { WebhookQueue } from '../webhook.queue';

const names = ['drop', 'postpone', 'reorder', 'duplicate', 'badToken', 'payload'] as const;

interface Held {
  remaining: number;
  /** Null: webhooks of any subscription count. */
  subscriptionId: string | null;
}

/** Lets fault rules happen to webhooks. */
export class DeliveryFaults {
  /** Webhooks that wait for others to go before them. After a restart they wait for their time alone. */
  private readonly held = new Map<string, Held>();

  constructor(
    private readonly faults: FaultRepository,
    private readonly subscriptions: SubscriptionRepository,
    private readonly webhooks: WebhookQueue,
    private readonly clock: Clock,
  ) {}

  /** The webhook with what happens to this try, or undefined when it is not to go yet. Each try asks once, also if it has to wait. */
  meet(webhook: WaitingWebhook): WaitingWebhook | undefined {
    const { faults, webhooks, clock } = this;
    this.held.delete(webhook.id);
    if (webhook.met || faults.isEmpty()) return webhook;
    const fault = faults.takeForWebhook(this.factsOf(webhook));
    if (!fault) return webhook;
    const effects = names.map((name) => fault.effect(name)).filter((effect) => effect !== undefined);
    const met = { ...webhook, met: { faultId: fault.id, effects } };
    const [postponement, reorder] = [effectOn(met, 'postpone'), effectOn(met, 'reorder')];
    if (postponement) webhooks.postpone(met, instantOf(postponement.for, clock.now()));
    else if (reorder && this.held.size < limits.heldWebhooks) {
      this.held.set(webhook.id, { remaining: reorder.after, subscriptionId: reorder.of === 'any' ? null : webhook.payload.subscriptionId });
      webhooks.postpone(met, instantOf(reorder.atMost, clock.now()));
    } else return met;
    return undefined;
  }

  /** A try has come to its end: those that waited for it may go. */
  gone({ id, payload: { subscriptionId } }: WaitingWebhook): void {
    const { webhooks, clock } = this;
    this.held.delete(id); // by hand it may go before those it waits for
    for (const [heldId, held] of this.held) {
      if (held.subscriptionId !== null && held.subscriptionId !== subscriptionId) continue;
      if (--held.remaining > 0) continue;
      this.held.delete(heldId);
      const webhook = webhooks.get(heldId);
      if (webhook) webhooks.postpone(webhook, clock.now());
    }
  }

  reset(): void {
    this.held.clear();
  }

  private factsOf({ payload }: WaitingWebhook) {
    const subscription = this.subscriptions.get(payload.subscriptionId);
    const { offerId = null, planId = null } = subscription ?? {};
    return {
      subscriptions: [{ subscriptionId: payload.subscriptionId, offerId, planId }],
      action: payload.action,
      initiator: payload.operationRequestSource,
    };
  }
}
