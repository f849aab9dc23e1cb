import { backendsByRole, cpuBetween, readCpu, type CpuReading, type CpuUse, type Watched } from '../measure/cpu';
import { differences, type DatabaseCounters, type DatabaseReading, type DatabaseUse } from '../measure/database';
import type { TopicCounters } from '../measure/topics';

/** All counters at one moment. */
export interface Reading {
  readonly cpu: CpuReading;
  readonly database: DatabaseReading;
  readonly messages: Readonly<Record<string, number>>;
}

export async function readAll(watched: Watched, database: DatabaseCounters, topics: TopicCounters): Promise<Reading> {
  const [counted, messages] = [await database.read(), await topics.read()];
  return { cpu: readCpu(watched), database: counted, messages };
}

/** What was used between two readings. */
export interface Use {
  readonly cpu: CpuUse;
  /** CPU seconds of Postgres by the role that was served. */
  readonly postgresByRole: Readonly<Record<string, number>>;
  readonly database: DatabaseUse;
  readonly messages: Readonly<Record<string, number>>;
}

/** @param database that from which both readings are */
export async function useBetween(
  database: DatabaseCounters,
  before: Reading,
  after: Reading,
  roles: ReadonlyMap<number, string>,
): Promise<Use> {
  return {
    cpu: cpuBetween(before.cpu, after.cpu),
    postgresByRole: backendsByRole(before.cpu, after.cpu, roles),
    database: await database.between(before.database, after.database),
    messages: differences(before.messages, after.messages),
  };
}

/** What one webhook costs, without what the idle system would have used in the same time. */
export interface Cost {
  /** Milliseconds of CPU by process. */
  readonly cpuMs: Readonly<Record<string, number>>;
  readonly postgresCpuMs: Readonly<Record<string, number>>;
  readonly commits: number;
  /** Transactions that wrote. */
  readonly writes: number;
  readonly writesBySchema: Readonly<Record<string, number>>;
  readonly rows: Readonly<Record<string, number>>;
  readonly walBytes: number;
  readonly walByRole: Readonly<Record<string, number>>;
  /** Of `walBytes`, what is no whole page after a checkpoint. */
  readonly walBytesWithoutPages: number;
  readonly messages: Readonly<Record<string, number>>;
}

const pageBytes = 8_192;

/** Where what would be idle is halted, or is not of the same database. */
export const noIdleUse: Use = {
  cpu: { elapsedSeconds: 1, seconds: {}, foreign: 0, stolen: 0 },
  postgresByRole: {},
  database: { elapsedSeconds: 1, commits: 0, writes: 0, writesBySchema: {}, rows: {}, walBytes: 0, wholePages: 0, walByRole: {} },
  messages: {},
};

export function costOf(use: Use, idle: Use, webhooks: number): Cost {
  const cpuRatio = use.cpu.elapsedSeconds / idle.cpu.elapsedSeconds;
  const ratio = use.database.elapsedSeconds / idle.database.elapsedSeconds;
  const each = (used: Readonly<Record<string, number>>, idly: Readonly<Record<string, number>>, factor: number, scale = 1) =>
    Object.fromEntries(Object.entries(used).map(([name, value]) => [name, ((value - (idly[name] ?? 0) * factor) * scale) / webhooks]));
  const { database } = use;
  const one = (of: (used: DatabaseUse) => number) => (of(database) - of(idle.database) * ratio) / webhooks;
  return {
    cpuMs: each(use.cpu.seconds, idle.cpu.seconds, cpuRatio, 1_000),
    postgresCpuMs: each(use.postgresByRole, idle.postgresByRole, cpuRatio, 1_000),
    commits: one(({ commits }) => commits),
    writes: one(({ writes }) => writes),
    writesBySchema: each(database.writesBySchema, idle.database.writesBySchema, ratio),
    rows: each(database.rows, idle.database.rows, ratio),
    walBytes: one(({ walBytes }) => walBytes),
    walByRole: each(database.walByRole, idle.database.walByRole, ratio),
    walBytesWithoutPages: one(({ walBytes, wholePages }) => walBytes - wholePages * pageBytes),
    messages: each(use.messages, {}, 0),
  };
}

export const total = (parts: Readonly<Record<string, number>>, names = Object.keys(parts)): number =>
  names.reduce((sum, name) => sum + (parts[name] ?? 0), 0);
