import type { Kafka, RetryOptions } from 'kafkajs';
import { pause } from '../signal';
import { brokersWordIn } from './kafka.protocol';

/** Between two looks at the topic of a consumer that is silent. While all is well it reads once a second. */
const silentMs = 2_000;

/** A topic's number of partitions is not `PARTITIONS`: order per key would break. Nothing is read or published until it is mended. */
export class PartitionMismatch extends Error {
  readonly code = 'PARTITION_MISMATCH';
  readonly retriable = false;
}

/** Every topic has the same number of partitions, for order and for sharing the work. Throws `PartitionMismatch`, and an error of Kafka for a topic that is missing. */
export async function requirePartitions(
  kafka: Kafka,
  topics: readonly string[],
  expected: number,
  retry: RetryOptions = {},
): Promise<void> {
  const admin = kafka.admin({ retry });
  try {
    await admin.connect();
    const metadata = await admin.fetchTopicMetadata({ topics: [...topics] });
    for (const { name, partitions } of metadata.topics) {
      if (partitions.length !== expected) {
        throw new PartitionMismatch(
          `${name} has ${partitions.length} partitions and PARTITIONS is ${expected}: both are fixed for the life of an installation`,
        );
      }
    }
  } finally {
    await admin.disconnect();
  }
}

/** Resolves where the broker answers a question, on a connection of its own and without repetitions. */
export async function askBroker(kafka: Kafka): Promise<void> {
  const admin = kafka.admin({ retry: { retries: 0 } });
  try {
    await admin.connect();
    await admin.describeCluster();
  } finally {
    await admin.disconnect();
  }
}

/**
 * Resolves with what keeps the topic of a silent consumer from being read: it was deleted, or was made again with another number of partitions. kafkajs would
 * repeat its fetch for ever and say nothing. Undefined where it is aborted before.
 *
 * @param silenceMs how long the consumer has not read
 */
export async function untilUnreadable(
  kafka: Kafka,
  topic: string,
  expected: number,
  silenceMs: () => number,
  stopping: AbortSignal,
): Promise<Error | undefined> {
  while (!stopping.aborted) {
    await pause(silentMs, stopping);
    if (stopping.aborted || silenceMs() < silentMs) continue;
    try {
      await requirePartitions(kafka, [topic], expected, { retries: 0 });
    } catch (error) {
      if (error instanceof PartitionMismatch || isMissing(error)) return error as Error;
      // else the broker is away, or elects a leader: the consumer itself waits for that
    }
  }
  return undefined;
}

const isMissing = (error: unknown): boolean => brokersWordIn(error)?.type === 'UNKNOWN_TOPIC_OR_PARTITION';
