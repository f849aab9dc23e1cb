import type { WebhookEffect } from '../faults/rule/webhook.effects';
import type { Document } from '../state/document';
import type { WebhookPayload } from './webhook.payload';

/** A webhook that has not been received yet. Its id is the operation's. */
export interface WaitingWebhook extends Document {
  payload: WebhookPayload;
  /** Number of the try that comes next, from 1. */
  attempt: number;
  /** When that one is due, on the emulator's clock. */
  nextTryAtMs: number;
  /** The fault that this try meets. */
  fault?: AppliedFault;
}

/** What is to happen to one try of a webhook. */
export interface AppliedFault {
  faultId: string;
  effects: WebhookEffect[];
}

type EffectOf<K extends WebhookEffect['effect']> = Extract<WebhookEffect, { effect: K }>;

export function effectOn<K extends WebhookEffect['effect']>({ fault }: WaitingWebhook, name: K): EffectOf<K> | undefined {
  return fault?.effects.find((effect): effect is EffectOf<K> => effect.effect === name);
}
