/**
 * The emulator was stopped while something was still at work on its state. What was finished before is kept, the rest is not done; its
 * caller is gone already.
 */
export class StoreClosed extends Error {
  readonly code = 'STORE_CLOSED';
  readonly retriable = false;

  constructor() {
    super('The emulator is being stopped: its state is closed, and what was not finished is not done.');
  }
}
