import { Kafka, logLevel, type KafkaConfig, type SASLOptions } from 'kafkajs';
import type { MessagingValues } from '../messaging.config';
import { kafkaLog } from './kafka.log';
import { patchRequestQueue } from './kafka.patch';
import { patchProduceResponse } from './kafka.protocol';
import { requestTimeoutMs } from './request.patience';

const connectionTimeoutMs = 1000;
/** Pauses between repetitions: short, since one broker that restarts is the usual reason. */
export const retryPauses = { initialRetryTime: 50, maxRetryTime: 500 };
/** Repetitions before an error reaches us; our own loops then go on with a fresh client. */
const retries = 8;

/** A client of the configured cluster. Its log goes to the service's own, by an allow-list of fields. */
export function kafkaClient(values: MessagingValues, clientId: string): Kafka {
  patchRequestQueue();
  patchProduceResponse();
  return new Kafka({
    brokers: [...values.KAFKA_BROKERS],
    clientId,
    ssl: values.KAFKA_SSL,
    sasl: saslOf(values),
    connectionTimeout: connectionTimeoutMs,
    authenticationTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    enforceRequestTimeout: true,
    retry: { ...retryPauses, retries },
    logLevel: logLevel.WARN,
    logCreator: kafkaLog,
  } satisfies KafkaConfig);
}

function saslOf(values: MessagingValues): SASLOptions | undefined {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = values;
  if (!mechanism) return undefined;
  if (!username || !password) throw new Error('KAFKA_SASL_MECHANISM needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD');
  return { mechanism, username, password } as SASLOptions;
}
