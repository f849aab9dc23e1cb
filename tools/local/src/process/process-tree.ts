import { readdirSync, readFileSync } from 'node:fs';

/**
 * Sends SIGSTOP or SIGCONT to a process and all that it has started, which is what a machine that is frozen looks like from outside: connections stay open and
 * nothing answers. Postgres has a process per session, and one that goes on alone would still answer. Where the system does not list processes (not Linux), the
 * process alone gets the signal.
 */
export function signalTree(pid: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
  const told = new Set<number>();
  // the parent is told first, so that it starts nothing behind our back; what it began before is found by looking again
  for (let untold = [pid]; untold.length > 0; untold = treeOf(pid).filter((one) => !told.has(one))) {
    for (const one of untold) {
      told.add(one);
      tell(one, signal);
    }
  }
}

function treeOf(root: number): number[] {
  if (process.platform !== 'linux') return [root];
  const children = new Map<number, number[]>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const parent = parentOf(pid);
    children.set(parent, [...(children.get(parent) ?? []), Number(pid)]);
  }
  const tree = [root];
  for (let index = 0; index < tree.length; index++) tree.push(...(children.get(tree[index]!) ?? []));
  return tree;
}

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return -1; // it has ended while we looked
  }
}

function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // ESRCH: it has ended meanwhile
  }
}
