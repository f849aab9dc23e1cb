/** Business time that a spec moves. It runs with real time, so that what happens later has a later time. */
export class TestClock {
  private offsetMs = 0;

  now(): Date {
    return new Date(Date.now() + this.offsetMs);
  }

  realNow(): Date {
    return new Date();
  }

  get aheadMs(): number {
    return this.offsetMs;
  }

  /** From now on it is that much later. */
  advance(ms: number): void {
    this.offsetMs += ms;
  }
}
