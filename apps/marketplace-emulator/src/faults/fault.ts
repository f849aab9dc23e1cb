import type { ApiEffect } from './rule/api.effects';
import { draw } from './fault.draw';
import type { Effect, FaultRule } from './rule/fault.rule';
import type { WebhookEffect } from './rule/webhook.effects';

/** A rule that has fired for one call or one delivery. */
export class Fault<E extends Effect> {
  private draws = 0;

  constructor(
    private readonly rule: FaultRule,
    readonly effects: readonly E[],
  ) {}

  /** The id of its rule. */
  get id(): string {
    return this.rule.id;
  }

  /** The effect of that name, if the rule has it. */
  effect<K extends E['effect']>(name: K): Extract<E, { effect: K }> | undefined {
    return this.effects.find((effect): effect is Extract<E, { effect: K }> => effect.effect === name);
  }

  /** The next number from 0 up to 1 for what an effect draws at random. Rules with the same seed draw the same at the same firing. */
  random(): number {
    this.draws++;
    return draw(this.rule.seed ^ 0x5bd1_e995, this.rule.fired * 4_096 + this.draws);
  }
}

export type CallFault = Fault<ApiEffect>;
export type WebhookFault = Fault<WebhookEffect>;
