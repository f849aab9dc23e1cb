import { draw } from './fault.draw';

/**
 * Read copies of a store. A copy stands still and catches up from time to time: it lags by at most a time of its own, the last one by the
 * longest, and what it shows never goes back. Another copy may well show something older, or newer.
 */
export class ReadCopies {
  /**
   * @param copies how many there are
   * @param lagMs by how much the last of them lags at most, above 0
   */
  constructor(
    private readonly seed: number,
    private readonly copies: number,
    private readonly lagMs: number,
  ) {}

  /**
   * As of when a copy shows the store.
   * @param at which one, from 0 up to 1
   */
  asOf(nowMs: number, at: number): number {
    const copy = Math.floor(at * this.copies);
    // It catches up once in each period, at a random time: no two of those are further apart than two periods.
    const periodMs = (this.lagMs * (copy + 1)) / this.copies / 2;
    const period = Math.floor(nowMs / periodMs);
    const caughtUpMs = (which: number) => Math.floor((which + draw(this.seed ^ (copy * 0x1000193), which)) * periodMs);
    return caughtUpMs(period) <= nowMs ? caughtUpMs(period) : caughtUpMs(period - 1);
  }
}
