import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A process of the bench itself, such as the generator of the load. It ends with us. */
export class Child {
  private constructor(
    private readonly name: string,
    private readonly process: ChildProcess,
  ) {}

  /** @param script below `src`, without its ending */
  static start(script: string, env: Record<string, string> = {}): Child {
    const file = join(__dirname, '..', `${script}.js`);
    const child = fork(file, [], {
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      serialization: 'advanced',
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    return new Child(script, child);
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** What it says next. @throws Error where it ends instead. */
  async says<T>(): Promise<T> {
    const stop = new AbortController();
    const ended = once(this.process, 'exit', { signal: stop.signal }).then(([code]) => {
      throw new Error(`${this.name} ended with ${code} while it was waited for; what it wrote is above`);
    });
    try {
      const [message] = (await Promise.race([once(this.process, 'message', { signal: stop.signal }), ended])) as [T];
      return message;
    } finally {
      stop.abort();
      ended.catch(() => undefined);
    }
  }

  /** Asks something, and waits for the answer. */
  ask<T>(question: object | string): Promise<T> {
    const answer = this.says<T>();
    this.process.send(question);
    return answer;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    const limit = setTimeout(() => this.process.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(limit);
  }
}
