import type { Settings } from '../settings/settings';
import type { Fact, FactKind, FactOf } from './fact';

/** `breach`: it is against Microsoft's contract, and goes wrong there. `advice`: it works, and something better is recommended. */
export type Severity = 'breach' | 'advice';

/** What is written about a rule, for people. */
export interface RuleText {
  id: string;
  /** Sections of the contract. */
  section: string;
  severity: Severity;
  /** What the publisher did, in a few words. */
  title: string;
  /** What the contract asks for, in a sentence. */
  asks: string;
  /** What a breach leads to at Microsoft, in a sentence. */
  leadsTo: string;
  /** What to do instead, in a sentence. */
  instead: string;
}

/** What a rule found out. */
export interface Found {
  /** What it is about: the same again on the same subject is counted, not listed. */
  subject: string;
  /** What was done, in a sentence with its particulars. */
  done: string;
  /** Where it differs from the severity of the rule. */
  severity?: Severity;
  subscriptionId?: string | null;
  operationId?: string | null;
  requestId?: string | null;
  deliveryId?: string | null;
}

/** What was found was found too early: the publisher has done it after all. */
export interface TakenBack {
  takesBack: string;
}

export type RuleResult = Found | TakenBack | undefined | (Found | TakenBack)[];

/** How a rule handles each kind of fact. It has a state of its own, which is bounded and ends with it. */
export type Watch = { [K in FactKind]?: (fact: FactOf<K>) => RuleResult | void };

/** What a rule knows besides the facts. */
export interface RuleContext {
  /** Business time since which facts are seen: what was before a start or a reset is not known. */
  readonly sinceMs: number;
  readonly settings: Settings;
}

/**
 * A rule of Microsoft's for publishers. It rather misses a breach than reports a wrong one: what a fault has provoked, what two clocks or
 * two processes may see differently, and what it has dropped from its state is no breach.
 */
export interface Rule extends RuleText {
  watch(world: RuleContext): Watch;
}

export function evaluate(watch: Watch, fact: Fact): (Found | TakenBack)[] {
  const result = (watch[fact.kind] as ((fact: Fact) => RuleResult | void) | undefined)?.(fact);
  return !result ? [] : Array.isArray(result) ? result : [result];
}
