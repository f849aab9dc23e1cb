import { statSync } from 'node:fs';

/**
 * Something on this machine is in the way: a port, a missing Java, a full disk. The message is the whole story, one or two sentences with the way out, so
 * commands print it alone, without a stack. Trying again helps only after a person has changed something.
 */
export class SetupError extends Error {
  readonly code = 'LOCAL_SETUP';
  readonly retriable = false;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SetupError';
  }
}

/** A part that did not get ready in time: only its log knows why. One that has written nothing was mostly not given the time to. */
export class NotReady extends SetupError {
  constructor(name: string, limitMs: number, logFile: string | undefined, cause?: unknown) {
    super(`${name} was not ready after ${limitMs / 1000} s.${logFile === undefined ? '' : ` ${whereToLook(logFile)}`}`, { cause });
  }
}

function whereToLook(logFile: string): string {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  return size > 0 ? `Its log says why: ${logFile}` : `It has written nothing yet (${logFile}): the machine may be busy, so try again.`;
}
