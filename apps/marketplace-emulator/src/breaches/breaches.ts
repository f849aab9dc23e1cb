import type { Settings } from '../settings/settings';
import type { Clock } from '../time/clock';
import { BreachRepository } from './breach.repository';
import type { Fact, FactKind } from './fact';
import type { Observer } from './observer';
import { evaluate, type Rule, type Watch } from './rule';

/** How often rules that wait for something are notified that time has passed, as long as anything happens at all. */
const tickMs = 1_000;

/** Checks what happens by Microsoft's rules, and stores what breaks them. */
export class Breaches implements Observer {
  readonly repository = new BreachRepository();
  /** The rules by the kinds of facts that they are about: thousands of facts come a second, and most rules are about one kind. */
  private readonly watches = new Map<FactKind, [Rule, Watch][]>();
  private tickedAtMs = 0;

  constructor(
    readonly rules: readonly Rule[],
    private readonly clock: Pick<Clock, 'now' | 'realNow'>,
    private readonly settings: () => Settings,
    private readonly onError: (error: unknown) => void,
  ) {
    this.clear();
  }

  notify(fact: Fact): void {
    if (this.clock.realNow() - this.tickedAtMs >= tickMs) this.tick();
    this.evaluate(fact);
  }

  /** Lets the rules find what should have come by now. */
  tick(): void {
    this.tickedAtMs = this.clock.realNow();
    this.evaluate({ kind: 'time-passed', atMs: this.clock.now(), nowMs: this.tickedAtMs });
  }

  /** Starts again without facts and breaches: those that there were belong to contents that have been replaced. */
  clear(): void {
    const { settings } = this;
    const context = {
      sinceMs: this.clock.now(),
      get settings() {
        return settings();
      },
    };
    this.watches.clear();
    for (const rule of this.rules) {
      const watch = rule.watch(context);
      for (const kind of Object.keys(watch) as FactKind[]) this.watches.set(kind, [...(this.watches.get(kind) ?? []), [rule, watch]]);
    }
    this.repository.clear();
  }

  private evaluate(fact: Fact): void {
    for (const [rule, watch] of this.watches.get(fact.kind) ?? []) {
      try {
        for (const found of evaluate(watch, fact)) {
          if ('takesBack' in found) this.repository.takeBack(rule, found.takesBack);
          else this.repository.record(rule, found, fact.atMs);
        }
      } catch (error) {
        this.onError(error); // a defect of the rule: the caller that reports a fact must not fail by it
      }
    }
  }
}
