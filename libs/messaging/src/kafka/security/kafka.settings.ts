import { flag, isLoopback, list, secret, url, type ValuesOf } from '@landfall/service-defaults';
import { z } from 'zod';

/** How whoever speaks with Kafka reaches it. */
export const kafkaSettings = {
  /** host:port, separated by commas. */
  KAFKA_BROKERS: list(),
  /** Encrypted, with a certificate that is checked. */
  KAFKA_SSL: flag(false),
  /** The authorities that signed the brokers' certificates, as PEM. Not set: those that Node brings. */
  KAFKA_SSL_CA: z.string().optional(),
  /** A certificate of this service as PEM, where the brokers ask for one. */
  KAFKA_SSL_CERTIFICATE: z.string().optional(),
  /** Its private key, as PEM. */
  KAFKA_SSL_KEY: secret().optional(),
  /** How this service logs in. Not set: not at all, or by its certificate. `plain` and `oauthbearer` need KAFKA_SSL everywhere but on loopback. */
  KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer']).optional(),
  /** For all but `oauthbearer`. */
  KAFKA_SASL_USERNAME: z.string().optional(),
  /** The password of that user. */
  KAFKA_SASL_PASSWORD: secret().optional(),
  /** For `oauthbearer`: where a token is asked for with the grant `client_credentials`. */
  KAFKA_OAUTH_TOKEN_URL: url().optional(),
  /** Who asks for the token. */
  KAFKA_OAUTH_CLIENT_ID: z.string().min(1).optional(),
  /** Exactly one of these two shows who asks. */
  KAFKA_OAUTH_CLIENT_SECRET: secret().optional(),
  /** A token that the platform renews in this file (workload identity). */
  KAFKA_OAUTH_FEDERATED_TOKEN_FILE: z.string().optional(),
  /** What the token is asked for, such as `https://<namespace>.servicebus.windows.net/.default`. */
  KAFKA_OAUTH_SCOPE: z.string().min(1).optional(),
};

export type KafkaValues = Partial<ValuesOf<typeof kafkaSettings>> & Pick<ValuesOf<typeof kafkaSettings>, 'KAFKA_BROKERS' | 'KAFKA_SSL'>;

type Name = keyof typeof kafkaSettings;

const byPassword: readonly Name[] = ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'];
const byToken: readonly Name[] = ['KAFKA_OAUTH_TOKEN_URL', 'KAFKA_OAUTH_CLIENT_ID'];
const onlyWithToken: readonly Name[] = [...byToken, 'KAFKA_OAUTH_CLIENT_SECRET', 'KAFKA_OAUTH_FEDERATED_TOKEN_FILE', 'KAFKA_OAUTH_SCOPE'];
const onlyEncrypted: readonly Name[] = ['KAFKA_SSL_CA', 'KAFKA_SSL_CERTIFICATE', 'KAFKA_SSL_KEY'];

/** What is wrong with these settings together, each in a sentence. */
export function kafkaProblems(values: KafkaValues): string[] {
  return [...encryptionProblems(values), ...loginProblems(values)];
}

function encryptionProblems(values: KafkaValues): string[] {
  const unused = values.KAFKA_SSL ? [] : given(values, onlyEncrypted).map((name) => `${name} is set, and KAFKA_SSL is not true`);
  const isHalf = !values.KAFKA_SSL_CERTIFICATE !== !values.KAFKA_SSL_KEY;
  return isHalf ? [...unused, 'KAFKA_SSL_CERTIFICATE and KAFKA_SSL_KEY belong together: one of them is missing'] : unused;
}

function loginProblems(values: KafkaValues): string[] {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_BROKERS: brokers, KAFKA_SSL: isEncrypted } = values;
  const isToken = mechanism === 'oauthbearer';
  const needed = !mechanism ? [] : isToken ? byToken : byPassword;
  const useless = given(values, [...(isToken || !mechanism ? byPassword : []), ...(isToken ? [] : onlyWithToken)]);
  const problems = needed.filter((name) => !values[name]).map((name) => `KAFKA_SASL_MECHANISM is ${mechanism}, and ${name} is not set`);
  problems.push(...useless.map((name) => `${name} is set, and KAFKA_SASL_MECHANISM is ${mechanism ?? 'not set'}, which does not use it`));
  if (isToken && given(values, ['KAFKA_OAUTH_CLIENT_SECRET', 'KAFKA_OAUTH_FEDERATED_TOKEN_FILE']).length !== 1)
    problems.push('Exactly one of KAFKA_OAUTH_CLIENT_SECRET and KAFKA_OAUTH_FEDERATED_TOKEN_FILE must be set');
  const far = brokers.filter((broker) => !isOnLoopback(broker));
  if (!isEncrypted && far.length > 0 && (mechanism === 'plain' || isToken))
    problems.push(
      `KAFKA_SASL_MECHANISM is ${mechanism}, which shows its secret to the network on the way to ${far[0]}: set KAFKA_SSL to true`,
    );
  return problems;
}

const given = (values: KafkaValues, names: readonly Name[]): Name[] => names.filter((name) => values[name] !== undefined);

const isOnLoopback = (broker: string): boolean => isLoopback(broker.replace(/:\d+$/, ''));
