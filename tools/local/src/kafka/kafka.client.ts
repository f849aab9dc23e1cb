import { Kafka, logLevel, type RetryOptions } from 'kafkajs';

interface RequestQueue {
  pending: unknown[];
  throttledUntil: number;
  scheduleCheckPendingRequests(): void;
}

/** kafkajs 2.2.4 sets its check for waiting requests even when none waits and then with a negative delay, which Node rounds up to 1 ms: a timer that never rests. */
const { prototype: queue } = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
const scheduleCheck = queue.scheduleCheckPendingRequests;
queue.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.pending.length > 0 || this.throttledUntil > Date.now()) scheduleCheck.call(this);
};

/** A silent client of the local broker: what goes wrong reaches the caller as an error. */
export function kafkaClient(brokers: string, retry: RetryOptions = { retries: 5 }): Kafka {
  return new Kafka({
    brokers: brokers.split(','),
    clientId: 'landfall-local',
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2000,
    requestTimeout: 5000,
    retry,
  });
}
