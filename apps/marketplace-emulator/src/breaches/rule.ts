import type { Settings } from '../settings/settings';
import type { Fact, FactKind, FactOf } from './fact';

/** `breach`: Microsoft's contract says otherwise, and it goes wrong there. `advice`: it works, and something better is recommended. */
export type Severity = 'breach' | 'advice';

/** What a rule has to say, for people. */
export interface RuleText {
  id: string;
  /** Where the contract says it. */
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
  /** Where it weighs less or more than the rule says of itself. */
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

export type Judgement = Found | TakenBack | undefined | (Found | TakenBack)[];

/** What a rule does about facts. It has memory of its own, bounded, which is gone with it. */
export type Watch = { [K in FactKind]?: (fact: FactOf<K>) => Judgement | void };

/** What a rule may ask besides the facts. */
export interface World {
  /** Business time since which facts are seen: what was before a start or a reset is not known. */
  readonly sinceMs: number;
  readonly settings: Settings;
}

/**
 * A rule of Microsoft's for publishers. It would rather miss a breach than accuse wrongly: what a fault has provoked, what two clocks or two processes may see
 * differently, and what fell off its memory is no breach.
 */
export interface Rule extends RuleText {
  watch(world: World): Watch;
}

export function judge(watch: Watch, fact: Fact): (Found | TakenBack)[] {
  const judgement = (watch[fact.kind] as ((fact: Fact) => Judgement | void) | undefined)?.(fact);
  return !judgement ? [] : Array.isArray(judgement) ? judgement : [judgement];
}
