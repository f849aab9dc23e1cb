import { createRequire } from 'node:module';
import { Kafka, logLevel, type KafkaConfig, type RetryOptions } from 'kafkajs';

interface RequestQueue {
  pending: unknown[];
  throttledUntil: number;
  scheduleCheckPendingRequests(): void;
}

/** kafkajs 2.2.4 sets its check for waiting requests even when none waits and then with a negative delay, which Node rounds up to 1 ms: a timer that never rests. */
const { prototype: queue } = createRequire(__filename)('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
const scheduleCheck = queue.scheduleCheckPendingRequests;
queue.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.pending.length > 0 || this.throttledUntil > Date.now()) scheduleCheck.call(this);
};

type Security = Pick<KafkaConfig, 'ssl' | 'sasl'>;

/** A broker on a busy machine needs seconds to make the topics of the system. */
const requestLimitMs = 30_000;

/** A silent client: what goes wrong reaches the caller as an error. */
export function kafkaClient(
  brokers: string,
  retry: RetryOptions = { retries: 5 },
  security: Security = {},
  requestTimeout = requestLimitMs,
): Kafka {
  const limits = { connectionTimeout: 2000, requestTimeout, retry };
  return new Kafka({ brokers: brokers.split(','), clientId: 'landfall-local', logLevel: logLevel.NOTHING, ...limits, ...security });
}

/** How to log in to a Kafka of the user's own, by the settings that the services read as well. */
export function securityOf(env: Record<string, string | undefined>): Security {
  const { KAFKA_SSL, KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username = '', KAFKA_SASL_PASSWORD: password = '' } = env;
  return { ssl: KAFKA_SSL === 'true', ...(mechanism && { sasl: { mechanism, username, password } as KafkaConfig['sasl'] }) };
}
