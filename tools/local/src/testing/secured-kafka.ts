import { join } from 'node:path';
import { startKafka } from '../kafka/kafka';
import type { BrokerSecurity } from '../kafka/kafka.properties';
import { createTopics, laptopPartitions } from '../kafka/topics';
import { Secrets } from '../secrets/secrets';
import { Security } from '../secured/security';
import { serviceNames } from '../system/services';

/** A broker of a test's own, with TLS, logins, rights, and all topics. */
export interface SecuredKafka {
  readonly brokers: string;
  /** PEM of the authority that signed its certificate. */
  readonly authority: string;
  passwordOf(login: string): string;
  /** By which a service, or `topics`, reaches it. */
  settingsOf(login: string): Record<string, string>;
  stop(): Promise<void>;
}

/** @param tokens whose tokens let a service in as well */
export async function securedKafka(dir: string, tokens?: BrokerSecurity['tokens']): Promise<SecuredKafka> {
  const secrets = new Secrets(dir);
  const security = await Security.of(dir, secrets, serviceNames);
  const kafka = await startKafka({ dataDir: join(dir, 'kafka'), security: { ...security.broker, ...(tokens && { tokens }) } });
  try {
    await security.giveRights(kafka.brokers);
    await createTopics(kafka.brokers, laptopPartitions, security.settingsOf('topics'));
  } catch (error) {
    await kafka.kill();
    throw error;
  }
  return {
    brokers: kafka.brokers,
    authority: security.broker.authority,
    passwordOf: (login) => security.broker.passwords[login] ?? '',
    settingsOf: (login) => security.settingsOf(login),
    stop: () => kafka.kill(),
  };
}
