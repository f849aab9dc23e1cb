import { instantOf } from '../faults/rule/fault.instant';
import type { WebhookEffect } from '../faults/rule/webhook.effects';
import { limits } from '../limits';
import type { Marketplace } from '../marketplace';
import type { WaitingWebhook } from './webhook.queue';

/** What is to happen to one try of a webhook. */
export interface MetFault {
  faultId: string;
  effects: WebhookEffect[];
}

type EffectOf<K extends WebhookEffect['effect']> = Extract<WebhookEffect, { effect: K }>;

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

  constructor(private readonly marketplace: Marketplace) {}

  /** The webhook with what happens to this try, or undefined when it is not to go yet. Each try asks once, also if it has to wait. */
  meet(webhook: WaitingWebhook): WaitingWebhook | undefined {
    const { faults, webhooks, clock } = this.marketplace;
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
    const { webhooks, clock } = this.marketplace;
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
    const subscription = this.marketplace.subscriptions.get(payload.subscriptionId);
    const { offerId = null, planId = null } = subscription ?? {};
    return {
      subscriptions: [{ subscriptionId: payload.subscriptionId, offerId, planId }],
      action: payload.action,
      initiator: payload.operationRequestSource,
    };
  }
}

export function effectOn<K extends WebhookEffect['effect']>({ met }: WaitingWebhook, name: K): EffectOf<K> | undefined {
  return met?.effects.find((effect): effect is EffectOf<K> => effect.effect === name);
}
