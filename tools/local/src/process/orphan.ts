import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { SetupError } from '../setup.error';
import type { GuardedProcess } from './guarded-process';

/** How long a program whose owner is gone may take to end by itself. */
const endingLimitMs = 10_000;

interface Identity {
  pid: number;
  /** From the system's process table, so that a later process with the same number is not taken for this one. */
  startedAt: string;
}

/**
 * Remembers which process works on a folder. Guards end their programs with us, but a machine can lose both at once (out of memory, `kill -9` of everything);
 * the next start then finds the program by this note.
 */
export function noteOwner(file: string, { pid, guardPid }: Pick<GuardedProcess, 'pid' | 'guardPid'>): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify({ program: identify(pid), guard: identify(guardPid) }));
  renameSync(`${file}.new`, file); // whoever reads it sees a whole one
}

/** Frees a folder from a program of an earlier run. One whose guard still lives belongs to somebody: it may be ending, but it is never taken down. */
export async function endOrphan(file: string): Promise<void> {
  if (!existsSync(file)) return;
  const note = readFileSync(file, 'utf8');
  const { program, guard } = JSON.parse(note) as { program: Identity; guard: Identity };
  for (const until = Date.now() + endingLimitMs; isAlive(program) && isAlive(guard) && Date.now() < until;) await wait(100);
  if (isAlive(program) && isAlive(guard)) {
    throw new SetupError(`${dirname(file)} is in use by process ${program.pid} of another run. Stop that run first.`);
  }
  if (isAlive(program)) process.kill(program.pid, 'SIGKILL');
  while (isAlive(program)) await wait(50);
  // another start may have noted its own program meanwhile
  if (existsSync(file) && readFileSync(file, 'utf8') === note) rmSync(file, { force: true });
}

export function identify(pid: number): Identity {
  return { pid, startedAt: startOf(pid) };
}

/** Where the system does not tell when a process started, nothing counts as alive: then nothing is ever killed by mistake. */
export function isAlive({ pid, startedAt }: Identity): boolean {
  return startedAt !== '' && startOf(pid) === startedAt;
}

/** When a process started, in the system's own words; empty when there is no such process. */
function startOf(pid: number): string {
  if (process.platform === 'win32') return '';
  if (process.platform !== 'linux') return spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  } catch {
    return ''; // no such process
  }
}
