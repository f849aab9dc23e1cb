import { childrenOf, cpuSeconds, machineTime, type MachineTime } from './processes';

/** What runs in a round, by the name under which its cost is shown. */
export interface Watched {
  readonly processes: Readonly<Record<string, number>>;
  /** Postgres starts a process for each connection. */
  readonly postgresPid: number;
}

export interface CpuReading {
  readonly atMs: number;
  /** CPU seconds so far, by name; the children of Postgres are in `postgres`. */
  readonly seconds: Readonly<Record<string, number>>;
  /** CPU seconds of each process of Postgres. */
  readonly backends: ReadonlyMap<number, number>;
  readonly machine: MachineTime;
}

export function readCpu({ processes, postgresPid }: Watched): CpuReading {
  const backends = new Map(childrenOf(postgresPid).map((pid) => [pid, cpuSeconds(pid)]));
  const postgres = cpuSeconds(postgresPid) + [...backends.values()].reduce((sum, seconds) => sum + seconds, 0);
  const named = Object.fromEntries(Object.entries(processes).map(([name, pid]) => [name, cpuSeconds(pid)]));
  return { atMs: Date.now(), seconds: { ...named, postgres }, backends, machine: machineTime() };
}

export interface CpuUse {
  readonly elapsedSeconds: number;
  readonly seconds: Readonly<Record<string, number>>;
  /** Share of the machine's time that was neither ours nor idle, from 0 to 1. */
  readonly foreign: number;
  /** Share of the machine's time that its host gave to others, from 0 to 1. */
  readonly stolen: number;
}

export function cpuBetween(before: CpuReading, after: CpuReading): CpuUse {
  const seconds = Object.fromEntries(Object.entries(after.seconds).map(([name, now]) => [name, now - (before.seconds[name] ?? 0)]));
  const ours = Object.values(seconds).reduce((sum, used) => sum + used, 0);
  const all = Math.max(after.machine.all - before.machine.all, 0.01);
  return {
    elapsedSeconds: (after.atMs - before.atMs) / 1000,
    seconds,
    foreign: Math.max(0, after.machine.busy - before.machine.busy - ours) / all,
    stolen: (after.machine.stolen - before.machine.stolen) / all,
  };
}

/** CPU seconds of Postgres by the role that was served. A connection that began or ended in between counts as `other`. */
export function backendsByRole(before: CpuReading, after: CpuReading, roles: ReadonlyMap<number, string>): Record<string, number> {
  const byRole: Record<string, number> = {};
  for (const [pid, seconds] of after.backends) {
    const role = roles.get(pid) ?? 'other';
    byRole[role] = (byRole[role] ?? 0) + seconds - (before.backends.get(pid) ?? 0);
  }
  return byRole;
}
