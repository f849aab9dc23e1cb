import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { fetchJson } from '../http/fetch.json';

/** How often the offset is read, and how long one reading may take. */
const REFRESH_INTERVAL_MS = 2_000;
const REFRESH_BOUNDS = { timeLimitMs: 1_000, bodyLimitBytes: 1_024 };

/**
 * Business time: deadlines, terms, retention. On a laptop its offset comes from the emulator, so that a year can pass in a minute; deployed
 * it is real time. Tokens, sessions and TLS always live in real time (`realNow`).
 */
@Injectable()
export class Clock implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(Clock.name);
  private offsetMs = 0;
  private reachable = true;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  /** @param offsetUrl answers `{ offsetMs }`; without it business time is real time. */
  constructor(private readonly offsetUrl?: string) {}

  now(): Date {
    return new Date(Date.now() + this.offsetMs);
  }

  realNow(): Date {
    return new Date();
  }

  /** How far business time is ahead of real time, in milliseconds: what the database adds to a clock of its own. */
  get aheadMs(): number {
    return this.offsetMs;
  }

  async onModuleInit(): Promise<void> {
    if (this.offsetUrl === undefined) return;
    await this.refresh(this.offsetUrl);
  }

  onModuleDestroy(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** The last known offset stays where the source is away: time that jumps back would undo deadlines. */
  private async refresh(offsetUrl: string): Promise<void> {
    try {
      this.offsetMs = offsetOf(await fetchJson(offsetUrl, REFRESH_BOUNDS));
      this.reachable = true;
    } catch (error) {
      if (this.reachable) this.logger.warn({ reason: (error as Error).message }, 'business time: the clock is away, its last offset stays');
      this.reachable = false;
    }
    if (this.stopped) return;
    this.timer = setTimeout(() => void this.refresh(offsetUrl), REFRESH_INTERVAL_MS).unref();
  }
}

function offsetOf(answer: unknown): number {
  const offsetMs = (answer as { offsetMs?: unknown } | null)?.offsetMs;
  if (typeof offsetMs !== 'number' || !Number.isFinite(offsetMs)) throw new Error('the clock answered without a number offsetMs');
  return offsetMs;
}
