import { randomInt, randomUUID } from 'node:crypto';
import { limits } from '../../limits';
import type { Collection } from '../../state/document.store';
import type { Clock } from '../../time/clock';
import { routesOfEffect, type ApiEffect } from './api.effects';
import { Fault, type CallFault, type WebhookFault } from '../fault';
import { draw } from '../fault.draw';
import type { FaultContext } from '../fault.context';
import { instantOf } from './fault.instant';
import { isInScope } from './fault.match';
import { isWebhookEffect, type FaultBody, type FaultRule } from './fault.rule';
import type { WebhookEffect } from './webhook.effects';

/**
 * The rules in force, in the order in which they were made; the first that fires decides, and those after it are not looked at. Rules
 * outlive the process. What they have counted is written at most once per `faultCountersMs` and at the end, so that a busy emulator does
 * not write once per call: a crash loses the last second of it. Only a rule that has fired for the last time is written at once, so it
 * never fires again.
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

  isEmpty(): boolean {
    return this.rules.size === 0;
  }

  isFull(): boolean {
    return this.rules.size >= limits.faultRules;
  }

  add({ name, on, when, do: effects }: FaultBody): FaultRule {
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

  /** Writes what has been counted, for the last time. */
  stop(): void {
    this.write();
    this.stopped = true;
  }

  /** The fault that a call of the publisher's meets at this point, if any. It counts: two look-ups for the same call are two matches. */
  takeForCall(facts: FaultContext, stage: 'before-auth' | 'after-auth'): CallFault | undefined {
    const rule = this.take(facts, (each) => each.beforeAuth === (stage === 'before-auth') && !each.do.some(isWebhookEffect));
    return rule && new Fault(rule, rule.do as ApiEffect[]);
  }

  /** The fault that a delivery meets, if any. */
  takeForWebhook(facts: Omit<FaultContext, 'surface' | 'route' | 'method'>): WebhookFault | undefined {
    const delivery = { ...facts, surface: 'webhook', route: 'receiveMarketplaceNotification', method: 'POST' } as const;
    const rule = this.take(delivery, (each) => each.do.some(isWebhookEffect));
    return rule && new Fault(rule, rule.do as WebhookEffect[]);
  }

  private take(facts: FaultContext, isOfKind: (rule: FaultRule) => boolean): FaultRule | undefined {
    const nowMs = this.clock.now();
    for (const rule of this.rules.values()) {
      if (!isOfKind(rule) || !isInTime(rule, nowMs) || !isPossible(rule, facts) || !isInScope(rule.on, facts)) continue;
      const fires = willFire(rule);
      const counted = { ...rule, matched: rule.matched + 1, fired: rule.fired + (fires ? 1 : 0) };
      this.count(counted);
      if (!fires) continue;
      if (counted.fired === counted.count) this.stored.put(counted); // and by `count` once more: the transaction around may yet be undone
      return counted;
    }
    return undefined;
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
function willFire({ skip, count, probability, seed, matched, fired }: FaultRule): boolean {
  if (matched < skip || (count !== null && fired >= count)) return false;
  return probability === 1 || draw(seed, matched) < probability;
}
