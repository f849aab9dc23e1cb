import type { Kafka } from 'kafkajs';

/** A topic's number of partitions is not `PARTITIONS`: order per key would break. Nothing is read or published until it is mended. */
export class PartitionMismatch extends Error {
  readonly code = 'PARTITION_MISMATCH';
  readonly retriable = false;
}

/** Every topic has the same number of partitions, for order and for sharing the work. Throws `PartitionMismatch`, and an error of Kafka for a topic that is missing. */
export async function requirePartitions(kafka: Kafka, topics: readonly string[], expected: number): Promise<void> {
  const admin = kafka.admin();
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
