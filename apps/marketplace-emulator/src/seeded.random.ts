/**
 * Numbers from 0 up to 1 that look random and are the same for the same seed (mulberry32): chance that can be repeated. Not for secrets.
 */
export class SeededRandom {
  private state: number;

  constructor(readonly seed: number) {
    this.state = seed | 0;
  }

  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A copy in another order; every order is as likely as any other. */
  shuffled<T>(things: readonly T[]): T[] {
    const copy = [...things];
    for (let last = copy.length - 1; last > 0; last--) {
      const chosen = Math.floor(this.next() * (last + 1));
      [copy[last], copy[chosen]] = [copy[chosen] as T, copy[last] as T];
    }
    return copy;
  }
}
