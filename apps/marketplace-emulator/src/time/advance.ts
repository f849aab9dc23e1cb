import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../limits';
import type { Clock } from './clock';
import type { Scheduler, Timer } from './scheduler';

/** What an advance has to know of webhooks. */
export interface Deliveries {
  /** The tries that are on their way; each ends, or has a time limit of its own. */
  onTheWay(): Promise<void>[];
  /** How many tries have ended since the start. */
  readonly tries: number;
  /** When the publisher last took a webhook, on the monotonic clock of `performance.now()`. */
  readonly takenAt: number;
}

export interface Advanced {
  now: string;
  offsetMs: number;
  target: string;
  /** False when the real time of one call was not enough: another call with `to: target` goes on. */
  reached: boolean;
  /** Timers that fired, and tries of webhooks that ended, meanwhile. */
  fired: number;
  webhooks: number;
}

type Bounds = Record<'advanceRealMs' | 'advanceAnswerMs' | 'advanceNoAnswerMs' | 'advanceAcknowledgeMs', number>;

/**
 * Moves business time ahead, from due timer to due timer. Each fires at its own instant, and the webhooks of that instant are answered
 * before time moves on, so that a publisher sees the year in its order. Business time never stands still, it only jumps ahead over the time
 * in which nothing is due.
 *
 * A publisher that takes no webhook holds business time up for `limits.advanceAnswerMs` altogether, and then for `limits.advanceNoAnswerMs`
 * at each instant, until it takes one again. A webhook that hangs longer stays on its way, and its next try follows the end of this one.
 * Refused connections cost no time, so that all their tries are made.
 */
export class Advance {
  private underWay: Promise<Advanced | 'replaced'> | undefined;
  private targetMs: number | undefined;
  private stopped = false;
  private replaced = false;
  private interrupt: () => void = () => {};
  /** Tries that took longer than they are waited for. */
  private readonly timedOut = new Set<Promise<void>>();
  private answerBudgetMs: number;

  constructor(
    private readonly clock: Clock,
    private readonly scheduler: Scheduler,
    private readonly deliveries: Deliveries,
    private readonly bounds: Bounds = limits,
  ) {
    this.answerBudgetMs = bounds.advanceAnswerMs;
    clock.onReplaced(() => {
      this.replaced = true;
      this.interrupt();
    });
  }

  /** Where the one that is under way leads. */
  get target(): string | null {
    return this.underWay && this.targetMs !== undefined ? new Date(this.targetMs).toISOString() : null;
  }

  /**
   * @param restMs real time to rest after each instant at which a webhook was received. Left out: none, except that the ten seconds of a
   * change are passed over only when the publisher had `limits.advanceAcknowledgeMs` for its PATCH.
   * @returns undefined while another one is under way; `replaced` when a reset or a snapshot has put another time in the place of this one.
   */
  to(targetMs: number, restMs?: number): Promise<Advanced | 'replaced'> | undefined {
    if (this.underWay) return undefined;
    this.replaced = false;
    this.targetMs = targetMs;
    this.underWay = this.run(targetMs, restMs).finally(() => (this.underWay = undefined));
    return this.underWay;
  }

  /** Ends one that is under way where it is, and allows no other. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.interrupt();
    await this.underWay;
  }

  private async run(targetMs: number, restMs?: number): Promise<Advanced | 'replaced'> {
    const endsAt = performance.now() + this.bounds.advanceRealMs;
    const [firedBefore, triesBefore] = [this.scheduler.fired, this.deliveries.tries];
    let reached = false;
    while (!reached && performance.now() < endsAt) {
      await this.untilAnswered(endsAt);
      if (this.replaced) return 'replaced';
      if (this.stopped) break;
      const next = this.scheduler.next();
      const restLeftMs = this.restBefore(next, targetMs, restMs);
      if (restLeftMs > 0) {
        await this.pause(Math.min(restLeftMs, endsAt - performance.now()));
        continue; // the publisher may have done something meanwhile
      }
      reached = !next || next.dueAtMs > targetMs;
      this.clock.moveTo(reached ? targetMs : (next as Timer).dueAtMs);
      this.scheduler.fire();
    }
    return {
      now: new Date(this.clock.now()).toISOString(),
      offsetMs: this.clock.offsetMs,
      target: new Date(targetMs).toISOString(),
      reached,
      fired: this.scheduler.fired - firedBefore,
      webhooks: this.deliveries.tries - triesBefore,
    };
  }

  /** Lets the other work of the process go on, and waits until every try has ended or was waited for long enough. */
  private async untilAnswered(endsAt: number): Promise<void> {
    for (;;) {
      await nextTurn();
      const waitedFor = this.deliveries.onTheWay().filter((delivery) => !this.timedOut.has(delivery));
      const beganAt = performance.now();
      if (waitedFor.length === 0 || this.stopped || this.replaced || beganAt >= endsAt) return;
      await this.pause(Math.min(this.answerBudgetMs, endsAt - beganAt), Promise.all(waitedFor));
      const tookMs = performance.now() - beganAt;
      const wasTaken = this.deliveries.takenAt >= beganAt;
      if (tookMs >= this.answerBudgetMs) this.giveUpOn(waitedFor);
      this.answerBudgetMs = wasTaken ? this.bounds.advanceAnswerMs : Math.max(this.answerBudgetMs - tookMs, this.bounds.advanceNoAnswerMs);
    }
  }

  private giveUpOn(waitedFor: Promise<void>[]): void {
    const onTheWay = new Set(this.deliveries.onTheWay());
    for (const delivery of this.timedOut) if (!onTheWay.has(delivery)) this.timedOut.delete(delivery);
    for (const delivery of waitedFor) if (onTheWay.has(delivery)) this.timedOut.add(delivery);
  }

  private restBefore(next: Timer | undefined, targetMs: number, restMs: number | undefined): number {
    if (next && next.dueAtMs <= this.clock.now()) return 0; // it is due anyway
    const isAcceptance = next?.kind === 'accept-operation' && next.dueAtMs <= targetMs;
    const wantedMs = restMs ?? (isAcceptance ? this.bounds.advanceAcknowledgeMs : 0);
    return this.deliveries.takenAt + wantedMs - performance.now();
  }

  /** Real time passes, unless what is waited for comes before, or `interrupt` is called. */
  private async pause(ms: number, unless?: Promise<unknown>): Promise<void> {
    const end = new AbortController();
    this.interrupt = () => end.abort();
    const passed = sleep(ms, undefined, { signal: end.signal }).catch(() => {}); // aborted: there is nothing to wait for any more
    await (unless ? Promise.race([passed, unless]) : passed);
    end.abort();
  }
}
