import { readdirSync, readFileSync } from 'node:fs';

/** What Linux counts CPU time in; it is the same on every machine that Node runs on. */
const ticksPerSecond = 100;
const pageKiB = 4;

interface Stat {
  readonly parent: number;
  readonly ownTicks: number;
  /** Of children that have ended and were waited for. */
  readonly endedTicks: number;
  readonly residentKiB: number;
}

/** Undefined where the process has ended. Its name may hold blanks and brackets, so what is read lies behind the last of them. */
function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [, parent, , , , , , , , , , user, system, childUser, childSystem, , , , , , , resident] = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number) as number[];
    return {
      parent: parent!,
      ownTicks: user! + system!,
      endedTicks: childUser! + childSystem!,
      residentKiB: resident! * pageKiB,
    };
  } catch {
    return undefined;
  }
}

/** CPU seconds of a process, with those of its children that have ended. 0 where it has ended itself. */
export function cpuSeconds(pid: number): number {
  const stat = statOf(pid);
  return stat ? (stat.ownTicks + stat.endedTicks) / ticksPerSecond : 0;
}

/** The processes whose parent this is. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((candidate) => candidate > 0 && statOf(candidate)?.parent === pid);
}

export const residentMiB = (pid: number): number => (statOf(pid)?.residentKiB ?? 0) / 1024;

/** The most that a process had resident since it was started, by Linux's own count. 0 where it has ended. */
export function peakResidentMiB(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** The CPU time of the whole machine so far, in seconds over all cores. */
export interface MachineTime {
  readonly busy: number;
  /** Taken by other guests of the host. */
  readonly stolen: number;
  readonly all: number;
}

export function machineTime(): MachineTime {
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0, stolen = 0] = readFileSync('/proc/stat', 'utf8')
    .split('\n')[0]!
    .split(/\s+/)
    .slice(1)
    .map((ticks) => Number(ticks) / ticksPerSecond);
  const busy = user + nice + system + irq + softirq;
  return { busy, stolen, all: busy + idle + waiting + stolen };
}
