/** A request that takes longer is repeated. Short, since a broker that restarts is the usual reason. */
export const requestTimeoutMs = 5_000;
/** The longest that one waits for a broker that is slow. */
const longestMs = 40_000;
/** So long after the last that took too long, half the time is enough again. */
const halvedAfterMs = 60_000;

/**
 * How long requests to one broker wait. It doubles where one took too long, once per such time, and halves by itself: a broker that needs more than the
 * limit for every answer would otherwise be asked the same for ever, have every answer thrown away, and be slower for all the repetitions.
 */
export class RequestPatience {
  private raisedMs = requestTimeoutMs;
  private raisedAt = -Infinity;

  /** @param now monotonic, in milliseconds */
  constructor(private readonly now: () => number = () => performance.now()) {}

  get limitMs(): number {
    const halvings = Math.floor((this.now() - this.raisedAt) / halvedAfterMs);
    return Math.max(requestTimeoutMs, this.raisedMs / 2 ** halvings);
  }

  /** A request waited for as long as the limit, and no answer came. */
  exceeded(): void {
    const limitMs = this.limitMs;
    if (this.now() - this.raisedAt < limitMs) return; // sent before it was raised
    this.raisedMs = Math.min(2 * limitMs, longestMs);
    this.raisedAt = this.now();
  }
}
