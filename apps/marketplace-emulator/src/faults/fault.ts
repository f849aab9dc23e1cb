import type { ApiEffect } from './rule/api.effects';
import { draw } from './fault.draw';
import type { Effect, FaultRule } from './rule/fault.rule';
import type { OperationEffect } from './rule/operation.effects';
import { isDrawn } from './rule/rule.draw';
import type { WebhookEffect } from './rule/webhook.effects';

/** The rules that have fired for one call, one delivery or one operation: one, or several that go together. */
export class Fault<E extends Effect> {
  readonly effects: readonly E[];
  private draws = 0;

  /** @param rules one at least; none of their effects exclude each other */
  constructor(private readonly rules: readonly FaultRule[]) {
    this.effects = rules.flatMap((rule) => rule.do as E[]);
  }

  /** The id of its rule, or of all of them with a comma between. */
  get id(): string {
    return this.rules.map(({ id }) => id).join(',');
  }

  /** The effect of that name, if a rule has it. */
  effect<K extends E['effect']>(name: K): Extract<E, { effect: K }> | undefined {
    return this.effects.find((effect): effect is Extract<E, { effect: K }> => effect.effect === name);
  }

  /** The effects of that name on one operation: without those of rules that were drawn once per operation and have missed this one. */
  on<K extends E['effect']>(name: K, operationKey: string): Extract<E, { effect: K }>[] {
    const hitting = this.rules.filter((rule) => rule.per !== 'operation' || isDrawn(rule, { operationKey, subscriptions: [] }));
    return hitting.flatMap((rule) => rule.do as E[]).filter((effect): effect is Extract<E, { effect: K }> => effect.effect === name);
  }

  /** The seed of the rule that an effect belongs to. */
  seedOf(name: E['effect']): number {
    return this.ruleOf(name).seed;
  }

  /**
   * The next number from 0 up to 1 for what an effect draws at random. Rules with the same seed draw the same at the same firing.
   */
  random(name: E['effect']): number {
    this.draws++;
    const { seed, fired } = this.ruleOf(name);
    return draw(seed ^ 0x5bd1_e995, fired * 4_096 + this.draws);
  }

  private ruleOf(name: E['effect']): FaultRule {
    return this.rules.find((rule) => rule.do.some(({ effect }) => effect === name)) ?? (this.rules[0] as FaultRule);
  }
}

export type CallFault = Fault<ApiEffect>;
export type WebhookFault = Fault<WebhookEffect>;
export type OperationFault = Fault<OperationEffect>;
