/* eslint-disable-next-line @typescript-eslint/no-require-imports -- a private file of kafkajs; kafka.private.unit.spec.ts pins what it must look like */
const RequestQueue = require('kafkajs/src/network/requestQueue') as { prototype: PatchedQueue };

export interface PatchedQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  scheduleCheckPendingRequests(): void;
}

const patched = Symbol.for('landfall.kafkajs.requestQueue');

/**
 * kafkajs 2.2.4 arms its check for waiting requests also when none waits, with a negative delay: about 800 wake-ups a second per connection, and
 * a warning on Node 24. Armed only while something waits.
 */
export function patchRequestQueue(queue: { prototype: PatchedQueue } = RequestQueue): void {
  const prototype = queue.prototype as PatchedQueue & { [patched]?: true };
  if (prototype[patched]) return;
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: PatchedQueue): void {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
  prototype[patched] = true;
}
