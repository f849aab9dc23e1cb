import { ConfigurationInvalid } from '../config/config.errors';
import { createLogger } from '../log/log';
import type { ServiceValues } from '../config/service.settings';
import { openApiDocumentOf } from '../http/openapi';
import { referenceOf } from './reference';
import { startService, type RunningService, type ServiceOptions } from './start-service';

/** sysexits.h EX_CONFIG: restarting will not help, somebody must correct a setting. */
export const EXIT_CONFIGURATION = 78;
const EXIT_FAILURE = 1;

/** Kubernetes kills after 30 s; what has not ended before counts as not ended. */
export const STOP_LIMIT_MS = 25_000;
/** With the parent gone, the database and the broker that it started go too: there is little left to wait for. */
const ORPHAN_STOP_LIMIT_MS = 5_000;

/**
 * Runs a service as this process: starts it, and ends the process when it is told to (SIGTERM, SIGINT), when the process that started it is
 * gone (its IPC channel closes), or when an error escaped everybody. Exit code 0 after a clean stop, 78 for wrong settings, 1 otherwise. With `--openapi` it
 * prints the description of its endpoints instead, which needs no settings, and with `--reference` its settings and metrics.
 */
export async function runService<V extends ServiceValues>(options: ServiceOptions<V>): Promise<void> {
  if (process.argv[2] === '--openapi') return printDescription(options);
  if (process.argv[2] === '--reference') return printAndEnd(await referenceOf(options));
  let running: RunningService | undefined;
  stopWhenTold(options, () => running);
  try {
    endOnEscapedErrors(options.name, options.config.values);
    running = await startService(options);
  } catch (error) {
    if (error instanceof ConfigurationInvalid) endWith(EXIT_CONFIGURATION, error.message);
    createLogger(options.name, options.config.values).fatal({ err: error }, 'cannot start', 'Service');
    process.exit(EXIT_FAILURE);
  }
}

async function printDescription<V extends ServiceValues>({ name, module, publicPort }: ServiceOptions<V>): Promise<void> {
  printAndEnd(await openApiDocumentOf(module, name, publicPort !== undefined));
}

/** A process that only describes has nothing to wait for. */
function printAndEnd(described: object): void {
  process.stdout.write(`${JSON.stringify(described)}\n`, () => process.exit(0));
}

function stopWhenTold<V extends ServiceValues>({ name, config }: ServiceOptions<V>, running: () => RunningService | undefined): void {
  let stopping = false;
  const stop = async (signal: string, limitMs: number) => {
    if (stopping) return; // Ctrl-C reaches a whole process group, and then its leader tells us again
    stopping = true;
    const logger = createLogger(name, config.values);
    logger.log({ signal }, 'stopping', 'Service');
    setTimeout(() => {
      logger.fatal({ signal, limitMs }, 'could not stop in time: what was running is cut off and will be done again', 'Service');
      process.exit(EXIT_FAILURE);
    }, limitMs).unref();
    try {
      await running()?.stop(); // a service that is still starting has nothing to finish
      logger.log({ signal }, 'stopped', 'Service');
      process.exit(0);
    } catch (error) {
      logger.fatal({ err: error, signal }, 'could not stop cleanly', 'Service');
      process.exit(EXIT_FAILURE);
    }
  };
  process.on('SIGTERM', () => void stop('SIGTERM', STOP_LIMIT_MS));
  process.on('SIGINT', () => void stop('SIGINT', STOP_LIMIT_MS));
  if (process.connected) process.on('disconnect', () => void stop('disconnect', ORPHAN_STOP_LIMIT_MS));
}

/** An error that nobody handled leaves a process in a state that nobody knows; everything survives a kill, so it ends. */
function endOnEscapedErrors(name: string, values: ServiceValues): void {
  const end = (event: string) => (error: unknown) => {
    createLogger(name, values).fatal({ err: error, event }, 'an error escaped, the process ends', 'Service');
    process.exit(EXIT_FAILURE);
  };
  process.on('unhandledRejection', end('unhandledRejection'));
  process.on('uncaughtException', end('uncaughtException'));
}

function endWith(exitCode: number, message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}
