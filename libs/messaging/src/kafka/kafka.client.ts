import { Kafka, logLevel, type KafkaConfig } from 'kafkajs';
import type { MessagingValues } from '../messaging.config';
import { kafkaLog } from './kafka.log';
import { patchRequestQueue } from './kafka.patch';
import { patchProduceResponse } from './kafka.protocol';
import { requestTimeoutMs } from './request.patience';
import { securityOf } from './security/kafka.security';

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
    ...securityOf(values),
    connectionTimeout: connectionTimeoutMs,
    authenticationTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    enforceRequestTimeout: true,
    retry: { ...retryPauses, retries },
    logLevel: logLevel.WARN,
    logCreator: kafkaLog,
  } satisfies KafkaConfig);
}
