import { DocumentStore, type Collection, type Document } from '../state/document.store';
import { noJournal } from '../state/journal';

/** How far business time is ahead of real time, as it survives a restart. */
export interface StoredClock extends Document {
  id: 'clock';
  offsetMs: number;
}

/** The clock's kind among the documents of a snapshot. */
export const clockKind = 'clock';

/** A clock at which it is `instantMs` while it is `realMs` in reality. */
export function clockAt(instantMs: number, realMs: number): StoredClock {
  return { id: 'clock', offsetMs: instantMs - realMs };
}

/**
 * The only source of time. Business time (deadlines, terms, the ten seconds, purchase tokens) is `now`, which may be moved ahead of real
 * time and runs with it; access tokens, ID tokens and HTTP time limits follow `realNow` whatever the offset is, since the other side checks
 * them by its own clock.
 */
export class Clock {
  /** The due instant of the timer that fires at this moment. */
  private firingAtMs: number | undefined;

  constructor(private readonly stored: Collection<StoredClock> = new DocumentStore(noJournal).collection('clock')) {}

  /** Business time minus real time, in milliseconds. Below 0 only where a snapshot has brought back an earlier time. */
  get offsetMs(): number {
    return this.stored.get('clock')?.offsetMs ?? 0;
  }

  now(): number {
    return this.firingAtMs ?? this.realNow() + this.offsetMs;
  }

  realNow(): number {
    return Date.now();
  }

  /** Now as Microsoft writes it: UTC with a seven-digit fraction (contract 3.2). */
  timeStamp(): string {
    return timeStampOf(this.now());
  }

  /** Moves business time forward to an instant. One that has passed already changes nothing: only a reset or a snapshot goes back. */
  moveTo(instantMs: number): void {
    const offsetMs = instantMs - this.realNow();
    if (offsetMs > this.offsetMs) this.stored.put({ id: 'clock', offsetMs });
  }

  /** Calls back when a reset or a snapshot has put another time in the place of this one. */
  onReplaced(listener: () => void): void {
    this.stored.whenLoaded(listener);
  }

  /**
   * Runs what was due at an instant as if it happened then. A timer fires a few milliseconds late, or a day where the process was down for
   * a day: terms and time stamps come from the instant that was meant.
   */
  at<R>(instantMs: number, work: () => R): R {
    const before = this.firingAtMs;
    this.firingAtMs = instantMs;
    try {
      return work();
    } finally {
      this.firingAtMs = before;
    }
  }
}

/** `2024-02-10T18:48:58.4440000Z`: Microsoft's fraction has seven digits, ours has three of them. */
export function timeStampOf(atMs: number): string {
  return [new Date(atMs).toISOString().slice(0, -1), '0000Z'].join(''); // joined, since a replaced or concatenated one is kept as its parts, in twice the memory
}
