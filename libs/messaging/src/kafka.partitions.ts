import type { Kafka } from 'kafkajs';

/** A topic has another number of partitions than the installation has lanes: order per key would break. Nothing can be done while running. */
export class PartitionMismatch extends Error {
  readonly code = 'PARTITION_MISMATCH';
  readonly retriable = false;
}

/** Lane = partition on every topic, for order and for sharing the work. Throws `PartitionMismatch`, and an error of Kafka for a topic that is missing. */
export async function requirePartitions(kafka: Kafka, topics: readonly string[], lanes: number): Promise<void> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const metadata = await admin.fetchTopicMetadata({ topics: [...topics] });
    for (const { name, partitions } of metadata.topics) {
      if (partitions.length !== lanes) {
        throw new PartitionMismatch(
          `${name} has ${partitions.length} partitions and LANES is ${lanes}: both are fixed for the life of an installation`,
        );
      }
    }
  } finally {
    await admin.disconnect();
  }
}
