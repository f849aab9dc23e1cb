import { fork } from 'node:child_process';
import type { Ending } from './guarded-process';

export interface NodeProgram {
  script: string;
  args?: string[];
  cwd: string;
  env: Record<string, string | undefined>;
  /** Flags of Node itself, such as limits of memory. */
  flags?: string[];
  /** How long it may take to stop after SIGTERM before it is killed. */
  patienceMs: number;
  onOutput(piece?: string): void;
}

/** A Node program of ours. It has an IPC channel and ends by itself when that closes, so it needs no guard. */
export interface NodeProcess {
  pid: number;
  ended: Promise<Ending>;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

const keptTailBytes = 4000;

/**
 * Starts one. It gets a session of its own, so that Ctrl-C in the terminal reaches the runner alone, which then stops all in order. `lines` of the ending are
 * what it wrote last, for an error message.
 */
export function startNode({ script, args = [], cwd, env, flags = [], patienceMs, onOutput }: NodeProgram): NodeProcess {
  const child = fork(script, args, { cwd, env, execArgv: flags, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let tail = '';
  for (const output of [child.stdout, child.stderr]) {
    output?.setEncoding('utf8').on('data', (piece: string) => {
      tail = (tail + piece).slice(-keptTailBytes);
      onOutput(piece);
    });
  }
  const ended = new Promise<Ending>((resolve) => {
    const end = (exitCode: number | null, signal: NodeJS.Signals | null) => {
      onOutput();
      resolve({ exitCode, signal, lastLines: tail });
    };
    child.once('close', end);
    child.once('error', (error) => {
      tail += error.message;
      if (child.pid === undefined) end(null, null); // it was never there, so it will not close either
    });
  });
  const finish = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    const limit = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    await ended;
    clearTimeout(limit);
  };
  return { pid: child.pid ?? 0, ended, stop: () => finish('SIGTERM'), kill: () => finish('SIGKILL') };
}
