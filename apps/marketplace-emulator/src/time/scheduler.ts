import { limits } from '../limits';
import type { Collection } from '../state/document.store';
import type { Clock } from './clock';
import { DueQueue, type DueEntry } from './due.queue';

/** Something that is to happen at a time. `id` is unique per kind and subject: to schedule it again moves it. */
export interface Timer {
  id: string;
  kind: TimerKind;
  /** Id of the subscription or operation that it is about. */
  subject: string;
  dueAtMs: number;
}

export type TimerKind = 'complete-activation' | 'begin-operation' | 'accept-operation' | 'deliver-webhook' | 'meet-deadline';

type Handler = (subject: string) => void;

/**
 * Fires timers at their due time on the emulator's clock, and in the order of due times. A timer is stored when it is scheduled and removed
 * in the same transaction that does what it stands for, so that after a crash it fires again unless its effect is there already.
 */
export class Scheduler {
  private queue = new DueQueue();
  private readonly handlers = new Map<TimerKind, Handler>();
  private sleep: NodeJS.Timeout | undefined;
  private sleepEndsAtMs = Infinity;
  private running = false;
  private pruning: NodeJS.Immediate | undefined;
  private firedCount = 0;

  constructor(
    private readonly timers: Collection<Timer>,
    private readonly clock: Clock,
    private readonly atomically: (work: () => void) => void,
    private readonly onError: (error: unknown, timer: Timer) => void,
  ) {
    timers.whenLoaded(() => this.load());
  }

  /** How many timers have fired since the start. */
  get fired(): number {
    return this.firedCount;
  }

  /** Entries of the queue, those of cancelled and moved timers included. */
  get queued(): number {
    return this.queue.size;
  }

  on(kind: TimerKind, handler: Handler): void {
    this.handlers.set(kind, handler);
  }

  /** Stored timers that became due while the process was away fire at once, each as of its own time. */
  start(): void {
    this.running = true;
    this.sleepUntilNext();
  }

  stop(): void {
    this.running = false;
    clearImmediate(this.pruning);
    this.endSleep();
  }

  schedule(kind: TimerKind, subject: string, dueAtMs: number): void {
    const timer = { id: `${kind}:${subject}`, kind, subject, dueAtMs };
    this.timers.put(timer);
    this.queue.add(timer.id, dueAtMs);
    this.sleepUntilNext();
    this.pruneSoon();
  }

  cancel(kind: TimerKind, subject: string): void {
    this.timers.delete(`${kind}:${subject}`);
  }

  isScheduled(kind: TimerKind, subject: string): boolean {
    return this.timers.has(`${kind}:${subject}`);
  }

  dueAtMs(kind: TimerKind, subject: string): number | undefined {
    return this.timers.get(`${kind}:${subject}`)?.dueAtMs;
  }

  /** The timer that fires next. To be asked outside of a transaction, since it forgets what is not meant any more. */
  next(): Timer | undefined {
    for (let entry = this.queue.first(); entry; entry = this.queue.first()) {
      const timer = this.timerOf(entry);
      if (timer) return timer;
      this.queue.takeDue(Infinity);
    }
    return undefined;
  }

  /** Fires what is due, at most `limits.timersPerTurn` timers, and sleeps until the next one. Business time may have been moved before. */
  fire(): void {
    this.endSleep();
    for (let fired = 0; this.running && fired < limits.timersPerTurn; fired++) {
      const entry = this.queue.takeDue(this.clock.now());
      if (entry === undefined) break;
      const timer = this.timerOf(entry);
      if (timer) this.fireOne(timer);
    }
    this.endSleep(); // what the handlers have scheduled was computed from the due instants of their timers
    this.sleepUntilNext();
  }

  private load(): void {
    this.endSleep();
    this.queue = new DueQueue();
    for (const timer of this.timers.values()) this.queue.add(timer.id, timer.dueAtMs);
    this.sleepUntilNext();
  }

  private fireOne(timer: Timer): void {
    try {
      this.atomically(() => {
        this.timers.delete(timer.id);
        this.clock.at(timer.dueAtMs, () => this.handlers.get(timer.kind)?.(timer.subject));
      });
      this.firedCount++;
    } catch (error) {
      this.onError(error, timer); // the transaction was undone, so the timer is still stored and fires again after a restart
    }
  }

  private sleepUntilNext(): void {
    const dueAtMs = this.queue.first()?.dueAtMs;
    if (!this.running || dueAtMs === undefined || dueAtMs >= this.sleepEndsAtMs) return;
    this.endSleep();
    const nowMs = this.clock.realNow() + this.clock.offsetMs; // and not the instant as of which something is written at this moment
    const sleepMs = Math.min(Math.max(dueAtMs - nowMs, 0), limits.longestSleepMs);
    this.sleepEndsAtMs = dueAtMs;
    this.sleep = setTimeout(() => this.fire(), sleepMs);
  }

  private endSleep(): void {
    clearTimeout(this.sleep);
    this.sleep = undefined;
    this.sleepEndsAtMs = Infinity;
  }

  /** The timer of an entry, unless it was cancelled or moved. */
  private timerOf(entry: DueEntry): Timer | undefined {
    const timer = this.timers.get(entry.id);
    return timer?.dueAtMs === entry.dueAtMs ? timer : undefined;
  }

  /**
   * Forgets the entries of cancelled and moved timers once they are more than the others: a timer that is a year ahead and moved daily
   * would leave 365 of them. It waits for the end of the transaction, which may still be undone and need them.
   */
  private pruneSoon(): void {
    if (this.pruning || this.queue.size <= 2 * this.timers.size + limits.staleTimers) return;
    this.pruning = setImmediate(() => {
      this.pruning = undefined;
      const kept = new Set<string>();
      this.queue.keep((entry) => this.timerOf(entry) !== undefined && kept.size < kept.add(entry.id).size);
    });
  }
}
