import { BREAKER_FAILURE_SHARE, BREAKER_MIN_CALLS, BREAKER_REST_MS, BREAKER_SAMPLE_CALLS, BREAKER_SAMPLE_MS } from '../marketplace.limits';

/** What a call showed about the other side: it answers, whatever it says; it is away; or nothing, since nothing was sent. */
export type Shown = 'answer' | 'outage' | 'nothing';

/** One call that the breaker has let through. To be told its end, once. */
export interface Permit {
  ended(shown: Shown): void;
}

/**
 * Opens with an outage, when more than half of the last calls were outages. Then nothing goes through for a rest, and after it one call, to see: an answer closes it, an outage
 * opens it again. Calls that left before it opened say nothing any more when they end. What nobody asks for `BREAKER_SAMPLE_MS` after it opened begins anew as closed,
 * without a word: nobody knows whether it still fails.
 */
export class Breaker {
  private samples: { readonly isOutage: boolean; readonly atMs: number }[] = [];
  private restsUntilMs: number | null = null;
  private isProbing = false;
  private openings = 0;

  constructor(
    private readonly now: () => number,
    /** Called when it opens, and when it closes again; not for what lies between. */
    private readonly changed: (isOpen: boolean) => void = () => undefined,
  ) {}

  get state(): 'closed' | 'open' | 'half-open' {
    if (!this.isOnRecord) return 'closed';
    return this.opensAgainInMs > 0 ? 'open' : 'half-open';
  }

  /** Milliseconds until a call is let through; 0 where one would be, or is under way. */
  get opensAgainInMs(): number {
    return this.restsUntilMs === null ? 0 : Math.max(0, this.restsUntilMs - this.now());
  }

  /** Whether it has opened, and that is not too long ago to say anything about now. */
  private get isOnRecord(): boolean {
    return this.restsUntilMs !== null && this.now() < this.restsUntilMs - BREAKER_REST_MS + BREAKER_SAMPLE_MS;
  }

  /** Whether a call would be let through now. */
  get letsThrough(): boolean {
    return this.state === 'closed' || (this.state === 'half-open' && !this.isProbing);
  }

  /** Null where no call may go now. */
  enter(): Permit | null {
    if (!this.letsThrough) return null;
    const { openings } = this;
    if (this.state === 'closed') return { ended: (shown) => this.openings === openings && this.count(shown) };
    this.isProbing = true;
    return { ended: (shown) => this.probed(shown) };
  }

  private count(shown: Shown): void {
    if (shown === 'nothing') return;
    const isOutage = shown === 'outage';
    const atMs = this.now();
    const recent = this.samples.filter((sample) => sample.atMs > atMs - BREAKER_SAMPLE_MS);
    this.samples = [...recent, { isOutage, atMs }].slice(-BREAKER_SAMPLE_CALLS);
    const failed = this.samples.filter((sample) => sample.isOutage).length;
    if (isOutage && this.samples.length >= BREAKER_MIN_CALLS && failed / this.samples.length > BREAKER_FAILURE_SHARE) this.open();
  }

  private probed(shown: Shown): void {
    this.isProbing = false;
    if (shown === 'outage') this.open();
    if (shown !== 'answer') return;
    this.restsUntilMs = null;
    this.samples = [];
    this.changed(false);
  }

  private open(): void {
    const wasOpen = this.isOnRecord;
    this.openings += 1;
    this.restsUntilMs = this.now() + BREAKER_REST_MS;
    this.samples = [];
    if (!wasOpen) this.changed(true);
  }
}
