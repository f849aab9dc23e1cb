import { z } from 'zod';

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((value) => value === 'true');

/** What a service that speaks on Kafka reads from its environment, beside the settings that every service has. */
export const messagingSettings = {
  /** host:port, separated by commas. */
  KAFKA_BROKERS: z
    .string()
    .min(1)
    .transform((list) => list.split(',').map((broker) => broker.trim())),
  KAFKA_SSL: flag,
  KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD: z.string().optional(),
  /** Partitions of every topic, fixed for the life of an installation. */
  LANES: z
    .string()
    .regex(/^[1-9][0-9]{0,2}$/, 'a whole number from 1 to 999')
    .default('8')
    .transform(Number),
  /** Logs each message that was published, by type and key: a story to read on a laptop, and too much for production. */
  LOG_MESSAGES: flag,
};

export interface MessagingValues {
  readonly KAFKA_BROKERS: readonly string[];
  readonly KAFKA_SSL: boolean;
  readonly KAFKA_SASL_MECHANISM?: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly KAFKA_SASL_USERNAME?: string;
  readonly KAFKA_SASL_PASSWORD?: string;
  readonly LANES: number;
  readonly LOG_MESSAGES?: boolean;
  /** Unique per living copy and the same after a restart, such as `subscription-0`. */
  readonly INSTANCE_NAME: string;
}

/** Any typed configuration that holds these values. It is read when the module starts, not when it is declared. */
export interface MessagingConfig {
  readonly values: MessagingValues;
}

export const SERVICE = Symbol.for('landfall.messaging.service');
export const CONFIG = Symbol.for('landfall.messaging.config');

/** What the parts of the library know about the service that they work in. */
export interface ServiceIdentity {
  /** `subscription`: the schema's name and the source of its messages. */
  readonly name: string;
  readonly lanes: number;
  readonly instance: string;
}
