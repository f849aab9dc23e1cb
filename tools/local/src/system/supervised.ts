import { setTimeout as wait } from 'node:timers/promises';
import type { Ending } from '../process/guarded-process';
import { signalTree } from '../process/process-tree';

/** A process of the system that runs now. */
export interface RunningPart {
  pid: number;
  ended: Promise<Ending>;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

export interface SupervisedOptions {
  name: string;
  /** Starts it and resolves when it is ready. It is called again after each crash. `onSpawn` is told of the process at once, so that it can be stopped while it starts. */
  start(onSpawn: (running: RunningPart) => void): Promise<RunningPart>;
  say(level: 'info' | 'warn' | 'error', message: string): void;
  /** The first delay before a restart; it doubles with each crash within a minute. */
  firstDelayMs?: number;
}

/** A part of the system that crashes again and again is started this often a minute, not more. */
const restartsPerMinute = 6;
const minuteMs = 60_000;
const longestDelayMs = 15_000;

/** sysexits.h EX_CONFIG: a wrong setting, which stays wrong however often the process is started. */
const exitConfiguration = 78;

/**
 * Keeps one process of the system running: when it ends without being asked to, it is started again, slower each time. After `stop` and `kill` nothing of it is
 * under way any more, neither a process nor a start: whoever works on the same data next has it for himself.
 */
export class Supervised {
  readonly name: string;
  private running: RunningPart | undefined;
  private wanted = false;
  private crashes: number[] = [];
  /** The start or restart that is under way; it never rejects. */
  private work: Promise<unknown> = Promise.resolve();
  private interruption = new AbortController();

  constructor(private readonly options: SupervisedOptions) {
    this.name = options.name;
  }

  get pid(): number {
    return this.running?.pid ?? 0;
  }

  async start(): Promise<void> {
    this.wanted = true;
    this.interruption = new AbortController();
    const started = this.startOnce();
    this.work = started.catch(() => undefined); // the caller gets the error
    await started;
  }

  /** Graceful, and it stays stopped. */
  stop(): Promise<void> {
    return this.end((running) => running.stop());
  }

  /** SIGKILL, and it stays down until `restart`. */
  kill(): Promise<void> {
    return this.end((running) => running.kill());
  }

  /** Resolves when it is ready again. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** SIGSTOP to all its processes, as a machine that is frozen looks from outside. Whoever watches over it may take it for dead and kill it; then it is started again. */
  freeze(): void {
    if (this.running) signalTree(this.running.pid, 'SIGSTOP');
  }

  /** It goes on where it stood, unaware of what has passed meanwhile. */
  thaw(): void {
    if (this.running) signalTree(this.running.pid, 'SIGCONT');
  }

  private async end(how: (running: RunningPart) => Promise<void>): Promise<void> {
    this.wanted = false;
    this.interruption.abort();
    this.thaw(); // what is frozen can't stop, and children of one that was killed would stay for ever
    if (this.running) await how(this.running);
    await this.work; // a start notices by itself: what it spawns from now on is killed
  }

  private async startOnce(): Promise<void> {
    const running = await this.options.start((spawned) => {
      this.running = spawned;
      if (!this.wanted) void spawned.kill(); // somebody asked it to stop in the meantime
    });
    this.running = running;
    if (!this.wanted) await running.kill();
    void running.ended.then((ending) => this.onEnd(running, ending));
  }

  private onEnd(ended: RunningPart, { exitCode, signal }: Ending): void {
    if (this.running === ended) this.running = undefined;
    if (!this.wanted) return;
    const how = signal ? `was killed by ${signal}` : `ended with exit code ${exitCode}`;
    if (exitCode === exitConfiguration)
      return this.options.say('error', `${this.name} ${how}: a setting is wrong, so it is not started again`);
    this.options.say('warn', `${this.name} ${how} and is started again`);
    this.work = this.startAgain();
  }

  private async startAgain(): Promise<void> {
    while (await this.isStillWantedAfter(this.delayMs())) {
      try {
        await this.startOnce();
      } catch (error) {
        if (this.wanted) this.options.say('error', `${this.name} could not be started: ${(error as Error).message}`);
        continue;
      }
      if (this.wanted) this.options.say('info', `${this.name} is ready again`);
      return;
    }
  }

  private async isStillWantedAfter(delayMs: number): Promise<boolean> {
    const { signal } = this.interruption;
    await wait(delayMs, undefined, { ref: false, signal }).catch(() => undefined); // nobody stays alive only to wait here, and a stop ends the wait
    return this.wanted;
  }

  /** Doubles with each crash of the last minute, and waits for the minute to pass when there were too many. */
  private delayMs(): number {
    const now = Date.now();
    this.crashes = [...this.crashes.filter((at) => at > now - minuteMs), now];
    const [oldest = now] = this.crashes;
    if (this.crashes.length > restartsPerMinute) return oldest + minuteMs - now;
    return Math.min((this.options.firstDelayMs ?? 250) * 2 ** (this.crashes.length - 1), longestDelayMs);
  }
}
