import { randomInt, randomUUID } from 'node:crypto';
import { limits } from '../../limits';
import type { Collection } from '../../state/document.store';
import type { Clock } from '../../time/clock';
import { routesOfEffect } from './api.effects';
import { Fault, type CallFault, type OperationFault, type WebhookFault } from '../fault';
import { isDrawn, subjectOf } from './rule.draw';
import type { FaultContext } from '../fault.context';
import { instantOf } from './fault.instant';
import { isAboutOperation, isInScope } from './fault.match';
import { goTogether, kindOf, type EffectKind, type FaultBody, type FaultRule } from './fault.rule';

/** What the rules of one kind are asked with; the address is known from the kind. */
type FactsOf<K extends EffectKind> = K extends 'call' ? FaultContext : Omit<FaultContext, 'surface' | 'route' | 'method'>;

/**
 * The rules in force, in the order in which they were made, those of a fault profile last; the first that fires decides, and those after it
 * are looked at only if it lets them. Rules outlive the process. What they have counted is written at most once per `faultCountersMs` and
 * at the end, so that a busy emulator does not write once per call: a crash loses the last second of it. Only a rule that has fired for the
 * last time is written at once, so it never fires again.
 */
export class FaultRepository {
  /** The rules as they count; those in the collection may be behind. */
  private readonly rules = new Map<string, FaultRule>();
  private readonly unwritten = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly stored: Collection<FaultRule>,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly onError: (error: unknown) => void,
  ) {
    stored.whenLoaded(() => {
      this.rules.clear();
      this.unwritten.clear();
      for (const rule of stored.values()) this.rules.set(rule.id, rule);
    });
  }

  /** Runs now, and whenever other rules have been put in the place of these. */
  whenLoaded(callback: () => void): void {
    this.stored.whenLoaded(callback);
  }

  isEmpty(): boolean {
    return this.rules.size === 0;
  }

  isFull(): boolean {
    return this.all().filter(({ profile }) => profile === undefined).length >= limits.faultRules;
  }

  /** @param profile the fault profile that it is part of, if any */
  add({ name, on, when, also, do: effects }: FaultBody, profile?: string): FaultRule {
    const nowMs = this.clock.now();
    const rule: FaultRule = {
      id: randomUUID(),
      name: name ?? null,
      on,
      skip: when.skip ?? 0,
      count: when.count ?? null,
      probability: when.probability ?? 1,
      seed: when.seed ?? randomInt(2 ** 32),
      fromMs: when.from === undefined ? null : instantOf(when.from, nowMs),
      untilMs: when.until === undefined ? null : instantOf(when.until, nowMs),
      beforeAuth: when.beforeAuth ?? false,
      ...(when.per === undefined ? {} : { per: when.per }),
      ...(also === undefined ? {} : { also }),
      ...(profile === undefined ? {} : { profile }),
      do: effects,
      createdAtMs: nowMs,
      matched: 0,
      fired: 0,
    };
    this.rules.set(rule.id, rule);
    return this.stored.put(rule);
  }

  all(): FaultRule[] {
    return [...this.rules.values()];
  }

  get(id: string): FaultRule | undefined {
    return this.rules.get(id.toLowerCase());
  }

  remove(id: string): void {
    this.rules.delete(id);
    this.unwritten.delete(id);
    this.stored.delete(id);
  }

  clear(): void {
    for (const id of [...this.rules.keys()]) this.remove(id);
  }

  /** Puts the rules of a profile in the place of those of another one; those that are there already go on counting. Null: none. */
  useProfile(profile: string | null, bodies: readonly FaultBody[]): void {
    const present = this.all().filter((rule) => rule.profile !== undefined);
    if (profile !== null && present.length === bodies.length && present.every((rule) => rule.profile === profile)) return;
    for (const { id } of present) this.remove(id);
    if (profile !== null) for (const body of bodies) this.add(body, profile);
  }

  /** Writes what has been counted, for the last time. */
  stop(): void {
    this.write();
    this.stopped = true;
  }

  /** The fault that a call of the publisher's meets at this point, if any. It counts: two look-ups for the same call are two matches. */
  takeForCall(facts: FactsOf<'call'>, stage: 'before-auth' | 'after-auth'): CallFault | undefined {
    const rules = this.take('call', facts, (rule) => rule.beforeAuth === (stage === 'before-auth'));
    return rules.length === 0 ? undefined : new Fault(rules);
  }

  /** The fault that a delivery meets, if any. */
  takeForWebhook(facts: FactsOf<'webhook'>): WebhookFault | undefined {
    const rules = this.take('webhook', { ...facts, surface: 'webhook', route: 'receiveMarketplaceNotification', method: 'POST' });
    return rules.length === 0 ? undefined : new Fault(rules);
  }

  /** The fault that an operation meets when it is requested, if any. */
  takeForOperation(facts: FactsOf<'operation'>): OperationFault | undefined {
    const rules = this.take('operation', { ...facts, surface: 'operation', route: 'carryOutOperation', method: 'POST' });
    return rules.length === 0 ? undefined : new Fault(rules);
  }

  /** The rules that are drawn once per operation and have hit this one. It counts nothing. */
  thatHit(facts: FactsOf<'operation'>): FaultRule[] {
    const drawn = this.inOrder().filter((rule) => rule.per === 'operation' && isAboutOperation(rule.on, facts) && isDrawn(rule, facts));
    return drawn.filter((rule, index) => drawn.slice(0, index).every((earlier) => goTogether(earlier, rule)));
  }

  private take(kind: EffectKind, facts: FaultContext, fits: (rule: FaultRule) => boolean = () => true): FaultRule[] {
    const nowMs = this.clock.now();
    const taken: FaultRule[] = [];
    for (const rule of this.inOrder()) {
      if (!rule.do.every((effect) => kindOf(effect) === kind) || !fits(rule) || !isInTime(rule, nowMs)) continue;
      if (!isPossible(rule, facts) || !isInScope(rule.on, facts) || !hasSubject(rule, facts)) continue;
      if (!taken.every((other) => goTogether(other, rule) || (isAboutEach(other, facts) && isAboutEach(rule, facts)))) continue;
      const fires = willFire(rule, facts);
      const counted = { ...rule, matched: rule.matched + 1, fired: rule.fired + (fires ? 1 : 0) };
      this.count(counted);
      if (!fires) continue;
      if (counted.fired === counted.count) this.stored.put(counted); // and by `count` once more: the transaction around may yet be undone
      taken.push(counted);
      if (!counted.also) break;
    }
    return taken;
  }

  /** Those that were made one by one come before those of a profile. */
  private inOrder(): FaultRule[] {
    const rules = [...this.rules.values()];
    return [...rules.filter(({ profile }) => profile === undefined), ...rules.filter(({ profile }) => profile !== undefined)];
  }

  private count(rule: FaultRule): void {
    this.rules.set(rule.id, rule);
    this.unwritten.add(rule.id);
    if (!this.stopped) this.timer ??= setTimeout(() => this.write(), limits.faultCountersMs).unref();
  }

  private write(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    try {
      for (const id of this.unwritten) {
        const rule = this.rules.get(id);
        if (rule) this.stored.put(rule);
      }
      this.unwritten.clear();
    } catch (error) {
      this.onError(error); // the numbers stay unwritten and are tried again with the next ones
    }
  }
}

/** Some effects exist on some routes only: elsewhere the rule is passed over, and does not count. */
function isPossible({ do: effects }: FaultRule, { route }: FaultContext): boolean {
  return effects.every(({ effect }) => routesOfEffect[effect]?.some((possible) => possible === route) ?? true);
}

function isInTime({ fromMs, untilMs }: FaultRule, nowMs: number): boolean {
  return (fromMs === null || nowMs >= fromMs) && (untilMs === null || nowMs < untilMs);
}

/** Whether a rule fires at its next match. */
function willFire(rule: FaultRule, facts: FaultContext): boolean {
  const { skip, count, matched, fired } = rule;
  return matched >= skip && (count === null || fired < count) && (isAboutEach(rule, facts) || isDrawn(rule, facts));
}

/** A rule that draws once per operation or subscription is about nothing else. */
function hasSubject(rule: FaultRule, facts: FaultContext): boolean {
  return (rule.per ?? 'match') === 'match' || subjectOf(rule, facts) !== null || isAboutEach(rule, facts);
}

/** The list of operations is about several of them: which ones a rule hits is drawn for each when they are read. */
function isAboutEach({ per }: FaultRule, { route }: FaultContext): boolean {
  return per === 'operation' && route === 'listOperations';
}
