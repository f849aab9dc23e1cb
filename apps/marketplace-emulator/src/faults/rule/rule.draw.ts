import type { FaultContext } from '../fault.context';
import { draw, placeOf } from '../fault.draw';
import type { FaultRule } from './fault.rule';

type Subject = Pick<FaultContext, 'operationKey' | 'subscriptions'>;

/** Whether the probability of a rule has hit what the rule draws for. */
export function isDrawn(rule: FaultRule, facts: Subject): boolean {
  const { probability, seed, matched } = rule;
  const subject = subjectOf(rule, facts);
  return probability === 1 || draw(seed, subject === null ? matched : placeOf(subject)) < probability;
}

/** What a rule draws for once and for all; null: it draws anew at each match, or the call is about no such thing. */
export function subjectOf({ per }: FaultRule, { operationKey, subscriptions }: Subject): string | null {
  if (per === 'operation') return operationKey;
  return per === 'subscription' ? (subscriptions[0]?.subscriptionId ?? null) : null;
}
