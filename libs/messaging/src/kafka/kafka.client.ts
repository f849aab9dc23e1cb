import { Logger } from '@nestjs/common';
import { Kafka, logLevel, type KafkaConfig, type logCreator, type SASLOptions } from 'kafkajs';
import type { MessagingValues } from '../messaging.config';
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

const logger = new Logger('Kafka');

/** kafkajs logs as "error" everything that it repeats by itself; what it can't repeat reaches us as an error. So it warns at most. */
const kafkaLog: logCreator =
  () =>
  ({ level, log, namespace }) => {
    const { message, broker, groupId, error, topic, partition, retryCount } = log;
    const fields = { type: namespace, address: broker, group: groupId, reason: error, topic, partition, retryCount };
    if (level <= logLevel.WARN) logger.warn(fields, message);
    else logger.debug(fields, message);
  };
