import type { Settings } from '../settings/settings';
import type { Clock } from '../time/clock';
import { BreachRepository } from './breach.repository';
import type { Fact, FactKind } from './fact';
import type { Observer } from './observer';
import { judge, type Rule, type Watch } from './rule';

/** How often rules that wait for something are told that time has passed, as long as anything happens at all. */
const tickMs = 1_000;

/** Holds what happens against Microsoft's rules, and keeps what breaks them. */
export class Breaches implements Observer {
  readonly book = new BreachRepository();
  /** Who wants to hear of a kind of fact: thousands come a second, and most rules are about one kind. */
  private readonly watches = new Map<FactKind, [Rule, Watch][]>();
  private tickedAtMs = 0;

  constructor(
    readonly rules: readonly Rule[],
    private readonly clock: Clock,
    private readonly settings: () => Settings,
    private readonly onError: (error: unknown) => void,
  ) {
    this.forget();
  }

  note(fact: Fact): void {
    if (this.clock.realNow() - this.tickedAtMs >= tickMs) this.tick();
    this.tell(fact);
  }

  /** Lets the rules find what should have come by now. */
  tick(): void {
    this.tickedAtMs = this.clock.realNow();
    this.tell({ kind: 'time-passed', atMs: this.clock.now(), nowMs: this.tickedAtMs });
  }

  /** A new beginning: what was seen belongs to contents that are gone. */
  forget(): void {
    const { settings } = this;
    const world = {
      sinceMs: this.clock.now(),
      get settings() {
        return settings();
      },
    };
    this.watches.clear();
    for (const rule of this.rules) {
      const watch = rule.watch(world);
      for (const kind of Object.keys(watch) as FactKind[]) this.watches.set(kind, [...(this.watches.get(kind) ?? []), [rule, watch]]);
    }
    this.book.clear();
  }

  private tell(fact: Fact): void {
    for (const [rule, watch] of this.watches.get(fact.kind) ?? []) {
      try {
        for (const found of judge(watch, fact)) {
          if ('takesBack' in found) this.book.takeBack(rule, found.takesBack);
          else this.book.note(rule, found, fact.atMs);
        }
      } catch (error) {
        this.onError(error); // a fault of the rule's own: nobody who reports a fact may fail by it
      }
    }
  }
}
