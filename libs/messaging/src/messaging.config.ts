import { count, flag, instant } from '@landfall/service-defaults';
import { kafkaSettings, type KafkaValues } from './kafka/security/kafka.settings';

/** What a service that speaks on Kafka reads from its environment, beside the settings that every service has. */
export const messagingSettings = {
  ...kafkaSettings,
  /** Partitions of every topic, fixed for the life of an installation. */
  PARTITIONS: count({ min: 1, max: 999 }, 8),
  /**
   * The moment whose state a restored database has. At the first start with it the service raises its epoch, reads again what it had read since, and leaves out
   * what services have forgotten; later starts with the same moment do nothing more.
   */
  RESTORED_AT: instant().optional(),
  /** Logs each message that was published, by type and key: a story to read on a laptop, and too much for production. */
  LOG_MESSAGES: flag(false),
};

export interface MessagingValues extends KafkaValues {
  readonly PARTITIONS: number;
  readonly RESTORED_AT?: number | undefined;
  readonly LOG_MESSAGES?: boolean;
  /** Unique per living copy and the same after a restart, such as `subscription-0`. */
  readonly INSTANCE_NAME: string;
}

/** Any typed configuration that holds these values. It is read when the module starts, not when it is declared. */
export interface MessagingConfig {
  readonly values: MessagingValues;
}

export const SERVICE = Symbol('messaging.service');
export const CONFIG = Symbol('messaging.config');

/** What the parts of the library know about the service that they work in. */
export interface ServiceIdentity {
  /** `subscription`: the schema's name and the source of its messages. */
  readonly name: string;
  readonly partitions: number;
  readonly instance: string;
  /** The moment whose state a restored database has, in milliseconds since 1970; absent where none was restored. */
  readonly restoredAt?: number | undefined;
}
