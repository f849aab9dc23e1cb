import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify, isAlive } from '../process/orphan';
import type { Publisher } from '../publishers/publishers';
import { SetupError } from '../setup.error';
import type { EmulatorDetails } from './emulator';
import { privateMode } from '../secrets/secrets';

/** Where everything of a running system is, for scripts: `.landfall/run.json`. It is there exactly while the system is ready. */
export interface Run {
  /** Of the process that started all others: SIGINT or SIGTERM to it stops the system, as Ctrl-C does. */
  runnerPid: number;
  gatewayUrl: string;
  /** There is no console yet. */
  consoleUrl: string | null;
  /** Of the database's owner. */
  databaseUrl: string;
  kafkaBrokers: string;
  /**
   * Every process of a service. The first copy is called as its service is, the next `fulfillment-2`. `url` is what people and other systems call; for all but the
   * gateway that is REST beside health and metrics.
   */
  services: { name: string; service: string; instance: string; pid: number; url: string; managementUrl: string }[];
  /** Null where MARKETPLACE_API_URL names another marketplace. */
  emulator: EmulatorDetails | null;
  /** Those of PUBLISHERS, beside the one that `emulator` names. */
  publishers: readonly Publisher[];
}

export function writeRun(dir: string, run: Run): void {
  const file = join(dir, 'run.json');
  writeFileSync(`${file}.new`, JSON.stringify(run, null, 2), { mode: privateMode });
  renameSync(`${file}.new`, file); // whoever reads it sees a whole one
}

export function removeRun(dir: string): void {
  rmSync(join(dir, 'run.json'), { force: true });
}

/** The system that runs in this folder. Throws one clear sentence when none does. */
export function readRun(dir: string): Run {
  const run = findRun(dir);
  if (!run) throw new SetupError('Landfall is not running here: start it with `npm start` and wait until it says that it is ready.');
  return run;
}

function findRun(dir: string): Run | undefined {
  const file = join(dir, 'run.json');
  return existsSync(file) && livingOwner(dir) !== undefined ? (JSON.parse(readFileSync(file, 'utf8')) as Run) : undefined;
}

/** Makes this process the only one that runs a system in the folder. The note of a process that is gone counts for nothing. */
export function claimFolder(dir: string): void {
  const owner = livingOwner(dir);
  if (owner !== undefined) {
    const run = findRun(dir);
    const where = run ? ` at ${run.gatewayUrl}` : ' and is starting or stopping';
    throw new SetupError(
      `Landfall already runs in this folder (process ${owner})${where}. Stop it first, with Ctrl-C where it was started.`,
    );
  }
  removeRun(dir);
  writeFileSync(join(dir, 'owner.json'), JSON.stringify(identify(process.pid)));
}

export function releaseFolder(dir: string): void {
  rmSync(join(dir, 'owner.json'), { force: true });
}

function livingOwner(dir: string): number | undefined {
  const file = join(dir, 'owner.json');
  if (!existsSync(file)) return undefined;
  const owner = JSON.parse(readFileSync(file, 'utf8')) as ReturnType<typeof identify>;
  return isAlive(owner) ? owner.pid : undefined;
}
