import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BoundedLog } from './bounded-log';
import type { GuardOrder, GuardReport } from './guard.protocol';

export interface GuardedProgram {
  command: string;
  args: string[];
  cwd: string;
  env?: Record<string, string | undefined>;
  uid?: number;
  gid?: number;
  stopSignal: NodeJS.Signals;
  patienceMs: number;
  logFile: string;
  /** Sees what it writes, as it comes. */
  onOutput?(piece: string): void;
}

/** How a program ended, with the last lines that it wrote, for an error message. */
export interface Ending {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  lastLines: string;
}

/** A foreign program (Postgres, Java) under a guard: it ends with us, even when we are killed by SIGKILL. */
export interface GuardedProcess {
  pid: number;
  guardPid: number;
  ended: Promise<Ending>;
  /** Asks it to end, and kills it when its patience is used up. Resolves when it is gone. */
  stop(): Promise<void>;
  /** SIGKILL to the program. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** In `dist` the guard is JavaScript; beside a test it is the source, and Node strips its types. */
function guardFile(): string {
  const built = join(__dirname, 'process-guard.js');
  return existsSync(built) ? built : join(__dirname, 'process-guard.ts');
}

/** Small on purpose: a guard waits and does nothing else. */
const guardFlags = [
  '--max-old-space-size=16',
  '--max-semi-space-size=1',
  '--v8-pool-size=0',
  '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON',
];

const keptTailBytes = 4000;

/** Starts a program under a guard. Rejects with the system's reason when it cannot be started at all. */
export async function startGuarded(program: GuardedProgram): Promise<GuardedProcess> {
  const { logFile, onOutput, env = process.env, ...order } = program;
  const log = new BoundedLog(logFile);
  const guard = fork(guardFile(), [], {
    execArgv: guardFlags,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { PATH: process.env['PATH'] },
  });
  let tail = '';
  for (const output of [guard.stdout, guard.stderr]) {
    output?.on('data', (chunk: Buffer) => {
      log.write(chunk);
      onOutput?.(chunk.toString('utf8'));
      tail = (tail + chunk.toString('utf8')).slice(-keptTailBytes);
    });
  }
  const tell = (message: GuardOrder): void => {
    if (guard.connected) guard.send(message);
  };

  let last: Extract<GuardReport, { is: 'ended' }> | undefined;
  let programPid = 0;
  const ended = new Promise<Ending>((resolve) => {
    // a guard that was itself killed leaves its program behind: take that down, so that nobody outlives us
    guard.once('exit', () => !last && programPid && killIfAlive(programPid));
    guard.once('close', () => {
      log.close();
      resolve({ exitCode: last?.exitCode ?? null, signal: last?.signal ?? null, lastLines: tail });
    });
  });

  programPid = await new Promise<number>((resolve, reject) => {
    guard.once('error', reject);
    guard.once('exit', () => reject(new Error(`${program.command} could not be started: its guard ended. ${tail}`)));
    guard.on('message', (message: GuardReport) => {
      if (message.is === 'started') resolve(message.pid);
      else if (message.is === 'failed') reject(new Error(`${program.command} could not be started: ${message.reason}`));
      else last = message;
    });
    tell({ do: 'run', ...order, env });
  });

  const finish = async (message: GuardOrder): Promise<void> => {
    tell(message);
    await ended;
  };
  return { pid: programPid, guardPid: guard.pid ?? 0, ended, stop: () => finish({ do: 'stop' }), kill: () => finish({ do: 'kill' }) };
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // ESRCH: it is gone, which is what we wanted
  }
}
