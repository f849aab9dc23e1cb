import type { KafkaConfig } from 'kafkajs';
import { BrokerTokens } from './broker.tokens';
import type { KafkaValues } from './kafka.settings';

/** How a client encrypts and logs in, by settings in which `kafkaProblems` finds nothing. */
export function securityOf(values: KafkaValues): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  return { ssl: encryptionOf(values), sasl: loginOf(values) };
}

function encryptionOf(values: KafkaValues): KafkaConfig['ssl'] {
  if (!values.KAFKA_SSL) return false;
  const { KAFKA_SSL_CA: ca, KAFKA_SSL_CERTIFICATE: cert, KAFKA_SSL_KEY: key } = values;
  return { rejectUnauthorized: true, ...(ca && { ca: [ca] }), ...(cert && { cert }), ...(key && { key }) };
}

function loginOf(values: KafkaValues): KafkaConfig['sasl'] {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username = '', KAFKA_SASL_PASSWORD: password = '' } = values;
  if (!mechanism) return undefined;
  if (mechanism !== 'oauthbearer') return { mechanism, username, password } as KafkaConfig['sasl'];
  const tokens = new BrokerTokens(values);
  return { mechanism, oauthBearerProvider: () => tokens.current() };
}
