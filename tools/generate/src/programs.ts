import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

const isWindows = process.platform === 'win32';

/** Programs that work in one folder. Each has a limit, and `stop` leaves none of them, nor anything that they have started: the folder can be removed then. */
export class Programs {
  private readonly running = new Set<ChildProcess>();
  private isStopped = false;

  constructor(
    private readonly cwd: string,
    private readonly limitMs: number,
    /** How long they may take to end by themselves before they are killed. */
    private readonly patienceMs = 10_000,
  ) {}

  /** Runs a program to its end and gives what it printed. Rejects with the same where it fails or takes longer than the limit. */
  async run(program: string, args: string[]): Promise<string> {
    if (this.isStopped) throw new Error(`${program} is not started any more`);
    // what they print is compared: no colours, also where a terminal or CI asks for them
    const env = { ...process.env, NODE_OPTIONS: '', NX_DAEMON: 'false', NX_TUI: 'false', NO_COLOR: '1', FORCE_COLOR: undefined };
    // a group of its own, so that a signal reaches what it starts as well
    const child = spawn(program, args, { cwd: this.cwd, env, stdio: ['ignore', 'pipe', 'pipe'], shell: isWindows, detached: !isWindows });
    this.running.add(child);
    let said = '';
    for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => (said += chunk.toString()));
    let isTooLate = false;
    const limit = setTimeout(() => {
      isTooLate = true;
      void end(child, this.patienceMs);
    }, this.limitMs);
    try {
      const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
      if (code === 0) return said;
      const how = isTooLate ? `was stopped after ${this.limitMs} ms` : `ended with ${signal ?? code}`;
      throw new Error(`${program} ${args.join(' ')} ${how}:\n${said}`);
    } finally {
      clearTimeout(limit);
      this.running.delete(child);
    }
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all([...this.running].map((child) => end(child, this.patienceMs)));
  }
}

/** A program is closed when all that writes to its output has ended, which its children do as well. */
async function end(child: ChildProcess, patienceMs: number): Promise<void> {
  const closed = once(child, 'close').catch(() => undefined); // it was never there
  signalGroup(child, 'SIGTERM');
  if (await Promise.race([closed.then(() => true), wait(patienceMs, false, { ref: false })])) return;
  signalGroup(child, 'SIGKILL');
  await Promise.race([closed, wait(patienceMs, undefined, { ref: false })]);
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  if (isWindows) return void spawn('taskkill', ['/pid', String(child.pid), '/t', '/f']);
  try {
    process.kill(-child.pid, signal);
  } catch {
    // all of them have ended
  }
}
