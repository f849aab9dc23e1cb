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
