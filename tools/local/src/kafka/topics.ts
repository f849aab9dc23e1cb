import { topicRetentionDays, topics } from '@landfall/contracts';
import type { Admin, ITopicConfig } from 'kafkajs';
import { SetupError } from '../setup.error';
import { until } from '../until';
import { kafkaClient, securityOf } from './kafka.client';

/** Partitions on a laptop: enough for order per key and parallel work, and few enough to start quickly. */
export const laptopPartitions = 8;

/** Snapshots are kept for ever. */
const retentionMs = topicRetentionDays * 86_400_000;

/** A busy broker needs seconds. */
const makingLimitMs = 30_000;

/**
 * Makes the topics of the system that are not there yet. The number of partitions is fixed for the life of an installation, since a key's
 * order rests on its partition: a topic with another number is an error, never changed.
 */
export async function createTopics(brokers: string, partitions: number, env: Record<string, string | undefined> = {}): Promise<void> {
  const admin = kafkaClient(brokers, undefined, securityOf(env)).admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const missing = topics
      .filter(({ name }) => !existing.has(name))
      .map(({ name, isCompacted }) => ({
        topic: name,
        numPartitions: partitions,
        configEntries: isCompacted
          ? [{ name: 'cleanup.policy', value: 'compact' }]
          : [{ name: 'retention.ms', value: String(retentionMs) }],
      }));
    await makeTopics(admin, missing);
    await compare(await admin.fetchTopicMetadata({ topics: topics.map(({ name }) => name) }), partitions);
  } finally {
    await admin.disconnect();
  }
}

/**
 * Makes topics, and resolves when the broker can be asked for all of them: 120 s at most. kafkajs's own `waitForLeaders` gives up at the first answer of a
 * busy broker that has not heard of its new topic yet.
 */
export async function makeTopics(admin: Admin, wanted: ITopicConfig[]): Promise<void> {
  if (wanted.length === 0) return;
  await admin.createTopics({ topics: wanted, waitForLeaders: false, timeout: makingLimitMs });
  const areThere = async () => {
    const { topics: known } = await admin.fetchTopicMetadata({ topics: wanted.map(({ topic }) => topic) }).catch(() => ({ topics: [] }));
    return known.length === wanted.length && known.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0));
  };
  await until(areThere).catch(() => {
    throw new SetupError(
      'Kafka took the order to make the topics and did not show them within two minutes. It may be overloaded: start again.',
    );
  });
}

async function compare(metadata: { topics: { name: string; partitions: unknown[] }[] }, partitions: number): Promise<void> {
  const others = metadata.topics.filter((topic) => topic.partitions.length !== partitions);
  if (others.length === 0) return;
  const list = others
    .map(({ name, partitions: { length } }) => `${name} (${length})`)
    .sort()
    .join(', ');
  throw new SetupError(
    `These topics have another number of partitions than ${partitions}: ${list}. The number is fixed for the life of an installation, because a key's order rests on it: set PARTITIONS to that number, or use another Kafka.`,
  );
}
