import { Logger } from '@nestjs/common';
import { areTablesOfAnotherVersion, isOutage } from '@landfall/service-defaults';
import { reasonOf } from './failure';
import { pause, Signal } from './signal';

/** What a round learns when it begins. */
export interface Round {
  /** The wait before this round was ended by the signal, so there is something to do. */
  readonly isWoken: boolean;
  /** Aborted when the loop is to stop: a long round looks at it. */
  readonly stopping: AbortSignal;
}

export interface BackgroundOptions {
  /** The context of its log lines. */
  readonly name: string;
  /** Does what is due and gives the milliseconds until the next round. A throw is logged, and the next round comes after `errorPauseMs`. */
  readonly round: (round: Round) => Promise<number>;
  /** The log's message about a round that failed, such as "jobs could not be claimed". */
  readonly failure: string;
  readonly errorPauseMs: number | (() => number);
  /** A failure that passes by itself is a warning in the log, any other an error. Default: an outage of the database. */
  readonly isPassing?: (error: unknown) => boolean;
  /** Begins the next round early. Stopping raises it as well. */
  readonly wake?: Signal;
  /** Not even `wake` begins the next round earlier. A round that gives 0 has more to do, and is followed at once. Default 0. */
  readonly leastPauseMs?: number;
}

/** A loop that works by itself from `start` to `stop`: the relay, the job runner, redelivery, maintenance. */
export class Background {
  private readonly logger: Logger;
  private readonly wake: Signal;
  private stopping = new AbortController();
  private running?: Promise<void>;

  constructor(private readonly options: BackgroundOptions) {
    this.logger = new Logger(options.name);
    this.wake = options.wake ?? new Signal();
  }

  get isRunning(): boolean {
    return this.running !== undefined;
  }

  /** Begins after the time; does nothing where it runs already. */
  start(firstAfterMs = 0): void {
    if (this.running) return;
    this.stopping = new AbortController();
    this.running = this.loop(firstAfterMs);
  }

  /** Resolves when the round that is under way has ended, or after `limitMs`. Does nothing where it does not run. */
  async stop(limitMs = Infinity): Promise<void> {
    if (!this.running) return;
    this.stopping.abort();
    this.wake.raise();
    const limit = new AbortController();
    const { running } = this;
    const ended = running.finally(() => limit.abort());
    await (limitMs === Infinity ? ended : Promise.race([ended, pause(limitMs, limit.signal)]));
    if (this.running === running) this.running = undefined; // it may have been started anew meanwhile
  }

  private async loop(firstAfterMs: number): Promise<void> {
    const { signal } = this.stopping;
    const { round, failure, errorPauseMs, isPassing = isOutageThatPasses } = this.options;
    let isWoken = firstAfterMs > 0 ? await this.wake.wait(firstAfterMs) : false;
    while (!signal.aborted) {
      let waitMs: number;
      try {
        waitMs = await round({ isWoken, stopping: signal });
      } catch (error) {
        this.logger[isPassing(error) ? 'warn' : 'error']({ reason: reasonOf(error) }, failure);
        await pause(typeof errorPauseMs === 'function' ? errorPauseMs() : errorPauseMs, signal); // not ended by `wake`: an outage must not become a busy loop
        waitMs = 0;
      }
      if (signal.aborted) return;
      isWoken = waitMs > 0 ? await this.wait(waitMs, signal) : false;
    }
  }

  /** True where the signal ended it. */
  private async wait(ms: number, stopping: AbortSignal): Promise<boolean> {
    const leastMs = Math.min(this.options.leastPauseMs ?? 0, ms);
    if (leastMs > 0) await pause(leastMs, stopping);
    return this.wake.wait(ms - leastMs);
  }
}

/** Tables of another version are no message's fault, and yet somebody has to do something. */
const isOutageThatPasses = (error: unknown): boolean => isOutage(error) && !areTablesOfAnotherVersion(error);
