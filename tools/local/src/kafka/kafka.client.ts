import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Kafka, logLevel, type KafkaConfig, type RetryOptions } from 'kafkajs';
import type { BrokerSecurity } from './kafka.properties';

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

/** As one of the users of a broker with rights. */
export function loginOf(username: string, { authority, passwords }: BrokerSecurity): Security {
  return { ssl: { ca: [authority] }, sasl: { mechanism: 'plain', username, password: passwords[username] ?? '' } };
}

/** How to log in to a Kafka of the user's own, by the settings that the services read as well. Only they can log in by tokens. */
export function securityOf(env: Record<string, string | undefined>): Security {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username = '', KAFKA_SASL_PASSWORD: password = '' } = env;
  const { KAFKA_SSL_CA: given, KAFKA_SSL_CA_FILE: file } = env;
  const authority = given ?? (file && readFileSync(file, 'utf8'));
  return {
    ssl: env['KAFKA_SSL'] === 'true' && (authority ? { ca: [authority] } : true),
    ...(mechanism && { sasl: { mechanism, username, password } as KafkaConfig['sasl'] }),
  };
}
