import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { SetupError } from '../setup.error';

/** A second Ctrl-C after this ends the command at once. Before it, it is the same one that reached us twice: from the terminal and from the launcher. */
const impatienceMs = 1_000;

/** Shells give this code to what Ctrl-C ended. */
export const interrupted = 130;

/** How long the last words may take to reach a pipe. */
const flushLimitMs = 200;

/**
 * Runs a command of `npm run` as this process. `work` is told by a signal that it shall stop: on Ctrl-C, SIGTERM, or when the launcher is gone. It returns the
 * exit code. What is in the way on this machine is said in a sentence; a stack belongs to errors that nobody expected.
 */
export async function runCommand(work: (stop: AbortSignal) => Promise<number>): Promise<void> {
  const stop = new AbortController();
  let toldAt = 0;
  const tell = () => {
    if (toldAt > 0 && Date.now() - toldAt > impatienceMs) process.exit(interrupted);
    toldAt ||= Date.now();
    stop.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, tell);
  if (process.connected) process.on('disconnect', tell);
  // the terminal or pipe may be gone before us: then nobody reads, and what has to be stopped is stopped all the same
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
  let exitCode: number;
  try {
    exitCode = await work(stop.signal);
  } catch (error) {
    exitCode = stop.signal.aborted ? interrupted : 1;
    if (!stop.signal.aborted) process.stderr.write(`${explain(error)}\n`);
  }
  await Promise.race([new Promise((flushed) => process.stdout.write('', flushed)), wait(flushLimitMs)]);
  process.exit(exitCode);
}

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * What a command was given. Null where it was asked for its usage, which is printed then.
 * @throws SetupError with the usage for an option that it does not have
 */
export function argumentsOf<O extends Options>(usage: string, options: O, args = process.argv.slice(2)) {
  try {
    const parsed = parseArgs({
      args,
      options: { ...options, help: { type: 'boolean', short: 'h' } } as O,
      allowPositionals: true,
      strict: true,
    });
    if (!('help' in parsed.values)) return parsed;
    print(usage);
    return null;
  } catch (error) {
    if (!String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS')) throw error;
    throw new SetupError(`${(error as Error).message}\n\n${usage}`, { cause: error });
  }
}

export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

function explain(error: unknown): string {
  if (error instanceof SetupError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
