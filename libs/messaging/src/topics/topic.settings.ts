import { count, oneOf, type ValuesOf } from '@landfall/service-defaults';
import { kafkaSettings } from '../kafka/security/kafka.settings';

/** What the program reads that makes the topics. */
export const topicSettings = {
  ...kafkaSettings,
  /** Partitions of every topic, fixed for the life of an installation. */
  PARTITIONS: count({ min: 1, max: 999 }, 8),
  /** `make`: those that are missing. `check`: none, where somebody else may make topics alone; what they would have to do is told. */
  TOPICS: oneOf(['make', 'check'], 'make'),
  /** Copies of each topic. Not set: what the brokers have as `default.replication.factor`. */
  REPLICATION_FACTOR: count({ min: 1, max: 99 }).optional(),
};

export type TopicValues = ValuesOf<typeof topicSettings>;
