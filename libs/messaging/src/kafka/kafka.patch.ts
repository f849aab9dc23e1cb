import { RequestPatience } from './request.patience';

/* eslint-disable-next-line @typescript-eslint/no-require-imports -- a private file of kafkajs; kafka.private.unit.spec.ts pins what it must look like */
const RequestQueue = require('kafkajs/src/network/requestQueue') as { prototype: PatchedQueue };

export interface PatchedQueue {
  readonly broker?: string;
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  scheduleCheckPendingRequests(): void;
  createSocketRequest(pushed: { readonly requestTimeout?: number }): { timeoutRequest(): void };
}

const patched = Symbol.for('landfall.kafkajs.requestQueue');

/** Per broker of this process, since its clients come and go. */
const patienceByBroker = new Map<string, RequestPatience>();

function patienceWith(broker = ''): RequestPatience {
  const known = patienceByBroker.get(broker) ?? new RequestPatience();
  patienceByBroker.set(broker, known);
  return known;
}

/**
 * kafkajs 2.2.4 arms its check for waiting requests also when none waits, with a negative delay: about 800 wake-ups a second per connection, and
 * a warning on Node 24. Armed only while something waits. And its requests wait as long as `RequestPatience` says.
 */
export function patchRequestQueue(queue: { prototype: PatchedQueue } = RequestQueue): void {
  const prototype = queue.prototype as PatchedQueue & { [patched]?: true };
  if (prototype[patched]) return;
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: PatchedQueue): void {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
  const create = prototype.createSocketRequest;
  prototype.createSocketRequest = function (this: PatchedQueue, pushed) {
    const patience = patienceWith(this.broker);
    const request = create.call(this, { ...pushed, requestTimeout: Math.max(pushed.requestTimeout ?? 0, patience.limitMs) });
    const timeOut = request.timeoutRequest.bind(request);
    request.timeoutRequest = () => {
      patience.exceeded();
      timeOut();
    };
    return request;
  };
  prototype[patched] = true;
}
