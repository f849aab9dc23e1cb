import { limits } from '../limits';
import type { Collection } from '../state/document.store';
import type { Clock } from './clock';
import { DueQueue } from './due.queue';

/** Something that is to happen at a time. `id` is unique per kind and subject: to schedule it again moves it. */
export interface Timer {
  id: string;
  kind: TimerKind;
  /** Id of the subscription or operation that it is about. */
  subject: string;
  dueAtMs: number;
}

export type TimerKind = 'complete-activation' | 'begin-operation' | 'accept-operation' | 'deliver-webhook';

type Handler = (subject: string) => void;

/**
 * Fires timers at their due time on the emulator's clock. A timer is stored when it is scheduled and removed in the same transaction that does what it stands
 * for, so that after a crash it fires again unless its effect is there already.
 */
export class Scheduler {
  private queue = new DueQueue();
  private readonly handlers = new Map<TimerKind, Handler>();
  private sleep: NodeJS.Timeout | undefined;
  private sleepEndsAtMs = Infinity;
  private running = false;

  constructor(
    private readonly timers: Collection<Timer>,
    private readonly clock: Clock,
    private readonly atomically: (work: () => void) => void,
    private readonly onError: (error: unknown, timer: Timer) => void,
  ) {
    timers.whenLoaded(() => this.takeUp());
  }

  on(kind: TimerKind, handler: Handler): void {
    this.handlers.set(kind, handler);
  }

  /** Stored timers that became due while the process was away fire at once. */
  start(): void {
    this.running = true;
    this.arrange();
  }

  stop(): void {
    this.running = false;
    this.wake();
  }

  schedule(kind: TimerKind, subject: string, dueAtMs: number): void {
    const timer = { id: `${kind}:${subject}`, kind, subject, dueAtMs };
    this.timers.put(timer);
    this.queue.add(timer.id, dueAtMs);
    this.arrange();
  }

  cancel(kind: TimerKind, subject: string): void {
    this.timers.delete(`${kind}:${subject}`);
  }

  isScheduled(kind: TimerKind, subject: string): boolean {
    return this.timers.has(`${kind}:${subject}`);
  }

  private takeUp(): void {
    this.wake();
    this.queue = new DueQueue();
    for (const timer of this.timers.values()) this.queue.add(timer.id, timer.dueAtMs);
    this.arrange();
  }

  private arrange(): void {
    const dueAtMs = this.queue.firstDueAtMs();
    if (!this.running || dueAtMs === undefined || dueAtMs >= this.sleepEndsAtMs) return;
    this.wake();
    const sleepMs = Math.min(Math.max(dueAtMs - this.clock.now(), 0), limits.longestSleepMs);
    this.sleepEndsAtMs = dueAtMs;
    this.sleep = setTimeout(() => this.fire(), sleepMs);
  }

  private wake(): void {
    clearTimeout(this.sleep);
    this.sleep = undefined;
    this.sleepEndsAtMs = Infinity;
  }

  private fire(): void {
    this.wake();
    for (let fired = 0; fired < limits.timersPerTurn; fired++) {
      const id = this.queue.takeDue(this.clock.now());
      if (id === undefined) break;
      const timer = this.timers.get(id);
      if (timer && timer.dueAtMs <= this.clock.now()) this.fireOne(timer);
    }
    this.arrange();
  }

  private fireOne(timer: Timer): void {
    try {
      this.atomically(() => {
        this.timers.delete(timer.id);
        this.handlers.get(timer.kind)?.(timer.subject);
      });
    } catch (error) {
      this.onError(error, timer); // the transaction was undone, so the timer is still stored and fires again after a restart
    }
  }
}
