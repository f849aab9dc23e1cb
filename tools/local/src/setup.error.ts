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

/** A part that did not get ready in time: only its log knows why. */
export const notReady = (name: string, limitMs: number, logFile: string | undefined, cause?: unknown): SetupError =>
  new SetupError(`${name} was not ready after ${limitMs / 1000} s.${logFile ? ` Its log says why: ${logFile}` : ''}`, { cause });
