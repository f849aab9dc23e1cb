import { PACE_BURST_MS, PACE_CEILING, PACE_FLOOR, PACE_RISE } from '../marketplace.limits';

/**
 * How many calls a second may leave. Nothing bounds them until Microsoft says that there are too many (429, or 503 with Retry-After): then half of what had
 * left in the second before, at least `PACE_FLOOR`; from there it rises by `PACE_RISE` a second until it bounds nothing any more. Microsoft names no limits
 * (contract 3.1.3), so they are found out. All times are milliseconds of one clock that never goes back.
 */
export class Pace {
  /** Calls a second from `reducedAtMs` to `risesFromMs`; null: nothing is bounded. */
  private bound: { readonly perSecond: number; readonly reducedAtMs: number; readonly risesFromMs: number } | null = null;
  private nextAtMs = 0;
  private secondBeganAtMs = Number.NEGATIVE_INFINITY;
  private leftInSecond = 0;
  private leftInSecondBefore = 0;

  /** Calls a second; null where nothing bounds them. */
  perSecond(nowMs: number): number | null {
    if (!this.bound) return null;
    const risen = this.bound.perSecond + (Math.max(0, nowMs - this.bound.risesFromMs) / 1_000) * PACE_RISE;
    if (risen >= PACE_CEILING) this.bound = null;
    return this.bound && risen;
  }

  /** When the next call may leave: now, or later. */
  opensAtMs(nowMs: number): number {
    return this.perSecond(nowMs) === null ? nowMs : Math.max(nowMs, this.nextAtMs);
  }

  /** A call leaves. What was not used for a moment may follow at once. */
  left(nowMs: number): void {
    this.countSecond(nowMs);
    this.leftInSecond += 1;
    const perSecond = this.perSecond(nowMs);
    if (perSecond !== null) this.nextAtMs = Math.max(this.nextAtMs, nowMs - PACE_BURST_MS) + 1_000 / perSecond;
  }

  /**
   * Too many calls. Those that had left before the pace was reduced say nothing about what it is now. It begins to rise at `fromMs`: not while
   * nothing may leave at all.
   */
  throttled(leftAtMs: number, nowMs: number, fromMs: number): void {
    if (this.bound && leftAtMs < this.bound.reducedAtMs) return;
    this.countSecond(nowMs);
    const perSecond = this.perSecond(nowMs) ?? Math.max(this.leftInSecond, this.leftInSecondBefore);
    this.bound = { perSecond: Math.max(PACE_FLOOR, perSecond / 2), reducedAtMs: nowMs, risesFromMs: fromMs };
  }

  private countSecond(nowMs: number): void {
    if (nowMs < this.secondBeganAtMs + 1_000) return;
    this.leftInSecondBefore = nowMs < this.secondBeganAtMs + 2_000 ? this.leftInSecond : 0;
    this.leftInSecond = 0;
    this.secondBeganAtMs = nowMs;
  }
}
