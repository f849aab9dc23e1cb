/**
 * The only source of time. Business time (deadlines, terms, the ten seconds, purchase tokens) is `now`, which may be moved against real time; access tokens,
 * ID tokens and HTTP time limits follow `realNow` whatever the offset is, since the other side checks them with its own watch.
 */
export class Clock {
  /** Business time minus real time, in milliseconds. */
  readonly offsetMs: number = 0;

  now(): number {
    return this.realNow() + this.offsetMs;
  }

  realNow(): number {
    return Date.now();
  }

  /** Now as Microsoft writes it: UTC with a seven-digit fraction (contract 3.2). */
  timeStamp(): string {
    return timeStampOf(this.now());
  }
}

/** `2024-02-10T18:48:58.4440000Z`: Microsoft's fraction has seven digits, ours knows three of them. */
export function timeStampOf(atMs: number): string {
  return new Date(atMs).toISOString().replace('Z', '0000Z');
}
