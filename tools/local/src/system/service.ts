import { setTimeout as wait } from 'node:timers/promises';
import { startNode, type NodeProcess } from '../process/node-process';
import type { Copy } from '../copies/copies';
import { killPoints } from '../copies/kill-points';
import { wrongClock } from '../copies/wrong-clock';
import { watchLiveness } from './liveness';
import { repositoryDir } from '../repository';
import { NotReady, SetupError } from '../setup.error';
import { runProgram } from '../process/program';
import { nodeFlagsOf, programOf, scriptOf } from './services';

export interface ServiceStart {
  copy: Copy;
  managementUrl: string;
  env: Record<string, string | undefined>;
  /** What `onOutput` writes to: named where the service does not get ready. */
  logFile: string;
  onOutput(piece?: string): void;
  onSpawn?(running: NodeProcess): void;
  /** A service that runs and is not live is killed; this is told before. */
  onNotLive(seconds: number): void;
}

/**
 * Little memory for a service. Half of this semi-space would save 25 MB of it, and costs a tenth of the CPU of a webhook in collections: services.json says which service
 * has a smaller one all the same.
 */
const memoryFlags = ['--max-old-space-size=192', '--max-semi-space-size=16', '--enable-source-maps'];

/**
 * What the C library has freed goes back to the machine, and threads share one arena: it would else keep 40 MB of buffers of the broker and the database that nobody uses any more.
 * The image sets the same.
 */
const memorySettings = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' };

/** A very busy machine takes minutes to start a service; one that can't start ends by itself. */
const readyLimitMs = 300_000;
const probeIntervalMs = 50;
const probeLimitMs = 2_000;

/** A service stops by itself in 25 s at most. */
const patienceMs = 27_000;

/** Starts a copy of a service and resolves when it says that it is ready. */
export async function startService({
  copy,
  managementUrl,
  env,
  logFile,
  onOutput,
  onSpawn,
  onNotLive,
}: ServiceStart): Promise<NodeProcess> {
  const { flags, settings } = wrongClock(copy.skewMs);
  const running = startNode({
    script: scriptOf(copy.service, 'main'),
    cwd: repositoryDir,
    env: { ...memorySettings, ...env, ...settings },
    flags: [...memoryFlags, ...nodeFlagsOf(copy.service), ...flags, ...killPoints(env['KILL_POINTS_FILE'])],
    patienceMs,
    onOutput,
  });
  onSpawn?.(running);
  let ending: string | undefined;
  void running.ended.then(({ exitCode, signal, lastLines }) => (ending = `${signal ?? `exit code ${exitCode}`}: ${lastLines.trim()}`));
  for (const until = Date.now() + readyLimitMs; Date.now() < until; await wait(probeIntervalMs)) {
    if (ending !== undefined) throw new SetupError(`${copy.name} ended before it was ready, with ${ending}`);
    if (!(await isReady(managementUrl))) continue;
    void watchLiveness(running, { managementUrl, onGivenUp: onNotLive });
    return running;
  }
  await running.kill();
  throw new NotReady(copy.name, readyLimitMs, logFile);
}

/** Brings a service's schema up to date. Resolves when that is done. */
export function migrateService({
  service,
  ...program
}: Omit<ServiceStart, 'copy' | 'managementUrl' | 'logFile' | 'onNotLive'> & { service: string }): Promise<void> {
  const script = programOf(service, 'migrate');
  return runProgram({ ...program, script }, `The database schema of ${service} could not be brought up to date`);
}

async function isReady(managementUrl: string): Promise<boolean> {
  try {
    const { ok } = await fetch(`${managementUrl}/health/ready`, { signal: AbortSignal.timeout(probeLimitMs) });
    return ok;
  } catch {
    return false; // not listening yet; the caller knows when the process has ended
  }
}
