import { MAX_PAUSE_MS, MAX_WAITING_CALLS, TURN_OF_THE_OLDEST } from '../marketplace.limits';
import { callPurposes, type CallPurpose } from '../marketplace.options';
import { Pace } from './pace';

/** Why a call may not even wait. */
export class NotAdmitted extends Error {
  constructor(
    /** `busy`: too many wait already. `paused`: Microsoft has asked to wait for longer than the call may. */
    readonly why: 'busy' | 'paused',
    readonly afterMs: number,
  ) {
    super(why);
  }
}

interface Waiting {
  readonly sinceMs: number;
  readonly admit: (leave: Leave) => void;
}

/** A call that may be made. `end` frees its slot, once. */
export interface Leave {
  readonly leftAtMs: number;
  end(): void;
}

/**
 * The part of all slots that the calls of one purpose and of those after it may hold together: what can wait must not keep out what cannot, however
 * slowly Microsoft answers it.
 */
const shares: Partial<Record<CallPurpose, number>> = { acknowledgement: 9 / 8, reading: 7 / 8, metering: 1 / 2, reconciliation: 1 / 4 };

/**
 * What one publisher may ask of Microsoft at the same time and in a second. Calls of an earlier purpose in the order of `callPurposes` go first, as soon as
 * there is a slot and the pace allows; each sixteenth turn is that of the call that has waited longest, so that none waits for ever.
 */
export class Budget {
  private readonly pace = new Pace();
  private readonly waiting = new Map<CallPurpose, Waiting[]>(callPurposes.map((purpose) => [purpose, []]));
  private readonly pausedUntilMs = new Map<CallPurpose, number>();
  private readonly inFlight = new Map<CallPurpose, number>(callPurposes.map((purpose) => [purpose, 0]));
  private turn = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly slots: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Calls a second that Microsoft was found to allow; null where nothing bounds them. */
  get perSecond(): number | null {
    return this.pace.perSecond(this.now());
  }

  /** For how long the oldest call of that purpose has waited, in milliseconds; 0 where none waits. */
  waitingMs(purpose: CallPurpose): number {
    const oldest = this.waiting.get(purpose)![0];
    return oldest ? this.now() - oldest.sinceMs : 0;
  }

  /**
   * Waits for its turn. Rejects with the signal's reason when that aborts.
   * @throws NotAdmitted where too many wait already, or where Microsoft has asked to wait for longer than `limitMs`
   */
  async enter(purpose: CallPurpose, limitMs: number, signal: AbortSignal): Promise<Leave> {
    const queue = this.waiting.get(purpose)!;
    const pausedMs = (this.pausedUntilMs.get(purpose) ?? 0) - this.now();
    if (pausedMs > limitMs) throw new NotAdmitted('paused', pausedMs);
    if (queue.length >= MAX_WAITING_CALLS) throw new NotAdmitted('busy', 0);
    signal.throwIfAborted();
    const turn = Promise.withResolvers<Leave>();
    const waiting: Waiting = { sinceMs: this.now(), admit: turn.resolve };
    queue.push(waiting);
    const giveUp = () => {
      const place = queue.indexOf(waiting);
      if (place >= 0) queue.splice(place, 1);
      turn.reject(signal.reason as Error);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    this.admit();
    try {
      return await turn.promise;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  /**
   * Microsoft answered that there were too many calls. With `retryAfterMs` no call of that purpose, or of a later one, leaves before it is over; an earlier
   * one finds out for itself, since an answer to a comparison of everything must not keep back what has ten seconds. A wait beyond `MAX_PAUSE_MS` holds for
   * the call that was refused alone.
   */
  throttled(purpose: CallPurpose, leftAtMs: number, retryAfterMs = 0): void {
    const nowMs = this.now();
    const untilMs = nowMs + Math.min(retryAfterMs, MAX_PAUSE_MS);
    this.pace.throttled(leftAtMs, nowMs, untilMs);
    if (retryAfterMs === 0) return;
    for (const later of callPurposes.slice(callPurposes.indexOf(purpose)))
      this.pausedUntilMs.set(later, Math.max(untilMs, this.pausedUntilMs.get(later) ?? 0));
  }

  /** Microsoft asks for fewer calls, without naming ours: 503 with Retry-After. */
  slowDown(leftAtMs: number): void {
    const nowMs = this.now();
    this.pace.throttled(leftAtMs, nowMs, nowMs);
  }

  private admit(): void {
    for (let purpose = this.next(); purpose; purpose = this.next()) {
      const nowMs = this.now();
      const opensAtMs = this.pace.opensAtMs(nowMs);
      if (opensAtMs > nowMs) return this.admitAt(opensAtMs);
      this.pace.left(nowMs);
      this.turn += 1;
      this.waiting.get(purpose)!.shift()!.admit(this.leave(purpose, nowMs));
    }
    const pauses = callPurposes.filter((purpose) => this.waits(purpose) && this.isPaused(purpose));
    if (pauses.length > 0) this.admitAt(Math.min(...pauses.map((purpose) => this.pausedUntilMs.get(purpose)!)));
  }

  private leave(purpose: CallPurpose, leftAtMs: number): Leave {
    const add = (count: number) => this.inFlight.set(purpose, this.inFlight.get(purpose)! + count);
    add(1);
    let hasEnded = false;
    const end = () => {
      if (hasEnded) return;
      hasEnded = true;
      add(-1);
      this.admit();
    };
    return { leftAtMs, end };
  }

  /** Whose turn it is; undefined where none may go. */
  private next(): CallPurpose | undefined {
    const ready = callPurposes.filter((purpose) => this.waits(purpose) && !this.isPaused(purpose) && this.hasSlot(purpose));
    const isTurnOfTheOldest = this.turn % TURN_OF_THE_OLDEST === TURN_OF_THE_OLDEST - 1;
    return isTurnOfTheOldest ? ready.toSorted((one, other) => this.waitingMs(other) - this.waitingMs(one))[0] : ready[0];
  }

  private waits(purpose: CallPurpose): boolean {
    return this.waiting.get(purpose)!.length > 0;
  }

  private hasSlot(purpose: CallPurpose): boolean {
    const upTo = callPurposes.slice(0, callPurposes.indexOf(purpose) + 1);
    return upTo.every((earlier) => this.inFlightFrom(earlier) < Math.ceil(this.slots * (shares[earlier] ?? 1)));
  }

  /** Calls of that purpose and of those after it. */
  private inFlightFrom(purpose: CallPurpose): number {
    return callPurposes.slice(callPurposes.indexOf(purpose)).reduce((sum, one) => sum + this.inFlight.get(one)!, 0);
  }

  private isPaused(purpose: CallPurpose): boolean {
    return (this.pausedUntilMs.get(purpose) ?? 0) > this.now();
  }

  private admitAt(atMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.admit(), Math.max(1, Math.ceil(atMs - this.now()))).unref();
  }
}
