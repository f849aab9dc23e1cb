import { destination, type DestinationStream } from 'pino';

/** More characters than this are written at once, also in the middle of a turn. */
const BUFFER_LENGTH = 64 * 1024;

/**
 * Where log lines go: they are written together when the turn of the event loop that logged them is over, since a call to the system costs more than a line. What ends the process
 * in an orderly way, and an error that nobody caught, writes what is left; a kill loses the lines of its last turn, which is a moment. A reader that has gone, or a disk that
 * is full, loses lines and stops nothing.
 *
 * @param fd of a file or pipe. Writing waits for a reader that is slow
 */
export function logOutput(fd: number): DestinationStream & { flushSync(): void } {
  const file = destination({ fd, sync: true });
  file.on('error', () => undefined); // there is nowhere left to say it
  let lines = '';
  let isDue = false;
  const flushSync = () => {
    const due = lines;
    lines = '';
    if (due !== '') file.write(due);
  };
  const endOfTurn = () => {
    isDue = false;
    flushSync();
  };
  process.on('exit', flushSync);
  return {
    flushSync, // pino's own, for what is fatal
    write(line) {
      lines += line;
      if (lines.length >= BUFFER_LENGTH) flushSync();
      if (isDue) return;
      isDue = true;
      setImmediate(endOfTurn);
    },
  };
}

let standardOutput: ReturnType<typeof logOutput> | undefined;

/** The one for standard output: all loggers of a process share it, so that their lines are in order. */
export const toStandardOutput = (): DestinationStream => (standardOutput ??= logOutput(process.stdout.fd));
