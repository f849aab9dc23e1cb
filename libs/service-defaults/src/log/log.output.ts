import { destination, type DestinationStream } from 'pino';

/** More than this is written at once, also in the middle of a turn. */
const BUFFER_BYTES = 64 * 1024;

/**
 * Where log lines go: they are written together when the turn of the event loop that logged them is over, since a call to the system costs more than a line. What ends the process
 * in an orderly way, and an error that nobody caught, writes what is left; a kill loses the lines of its last turn, which is a moment.
 *
 * @param fd of a file or pipe. Writing waits for a reader that is slow
 */
export function logOutput(fd: number): DestinationStream & { flushSync(): void } {
  const file = destination({ fd, sync: true, minLength: BUFFER_BYTES, maxWrite: 2 * BUFFER_BYTES });
  const flushSync = () => file.flushSync();
  let isDue = false;
  const endOfTurn = () => {
    isDue = false;
    flushSync();
  };
  process.on('exit', flushSync);
  return {
    flushSync, // pino's own, for what is fatal
    write(line) {
      file.write(line);
      if (isDue) return;
      isDue = true;
      setImmediate(endOfTurn);
    },
  };
}

let standardOutput: ReturnType<typeof logOutput> | undefined;

/** The one for standard output: all loggers of a process share it, so that their lines are in order. */
export const toStandardOutput = (): DestinationStream => (standardOutput ??= logOutput(process.stdout.fd));
