import { kafkaProblems, type KafkaValues } from './kafka.settings';

const near: KafkaValues = { KAFKA_BROKERS: ['127.0.0.1:9092'], KAFKA_SSL: false };
const far: KafkaValues = { KAFKA_BROKERS: ['kafka-0.example.com:9093', 'kafka-1.example.com:9093'], KAFKA_SSL: true };
const password = { KAFKA_SASL_USERNAME: 'landfall', KAFKA_SASL_PASSWORD: 'p' };
const token = { KAFKA_OAUTH_TOKEN_URL: 'https://login.example.com/token', KAFKA_OAUTH_CLIENT_ID: 'landfall' };

it.each<[string, KafkaValues]>([
  ['no login', near],
  ['no encryption in a private network', { ...far, KAFKA_SSL: false }],
  ['a certificate of its own', { ...far, KAFKA_SSL_CA: 'ca', KAFKA_SSL_CERTIFICATE: 'c', KAFKA_SSL_KEY: 'k' }],
  ['plain, encrypted', { ...far, ...password, KAFKA_SASL_MECHANISM: 'plain' }],
  ['plain on loopback', { ...near, ...password, KAFKA_SASL_MECHANISM: 'plain' }],
  ['scram, not encrypted', { ...far, ...password, KAFKA_SSL: false, KAFKA_SASL_MECHANISM: 'scram-sha-512' }],
  ['a token by a secret', { ...far, ...token, KAFKA_OAUTH_CLIENT_SECRET: 's', KAFKA_SASL_MECHANISM: 'oauthbearer' }],
  [
    'a token by a file',
    { ...far, ...token, KAFKA_OAUTH_FEDERATED_TOKEN_FILE: '/t', KAFKA_OAUTH_SCOPE: 'x', KAFKA_SASL_MECHANISM: 'oauthbearer' },
  ],
])('nothing is wrong with %s', (_what, values) => {
  expect(kafkaProblems(values)).toEqual([]);
});

it.each<[string, KafkaValues, string[]]>([
  ['an authority without encryption', { ...near, KAFKA_SSL_CA: 'ca' }, ['KAFKA_SSL_CA is set, and KAFKA_SSL is not true']],
  [
    'a certificate without its key',
    { ...far, KAFKA_SSL_CERTIFICATE: 'c' },
    ['KAFKA_SSL_CERTIFICATE and KAFKA_SSL_KEY belong together: one of them is missing'],
  ],
  [
    'a mechanism alone',
    { ...far, KAFKA_SASL_MECHANISM: 'scram-sha-256' },
    [
      'KAFKA_SASL_MECHANISM is scram-sha-256, and KAFKA_SASL_USERNAME is not set',
      'KAFKA_SASL_MECHANISM is scram-sha-256, and KAFKA_SASL_PASSWORD is not set',
    ],
  ],
  [
    'a login without a mechanism',
    { ...far, KAFKA_SASL_PASSWORD: 'p' },
    ['KAFKA_SASL_PASSWORD is set, and KAFKA_SASL_MECHANISM is not set, which does not use it'],
  ],
  [
    'a scope for a password',
    { ...far, ...password, KAFKA_SASL_MECHANISM: 'plain', KAFKA_OAUTH_SCOPE: 'x' },
    ['KAFKA_OAUTH_SCOPE is set, and KAFKA_SASL_MECHANISM is plain, which does not use it'],
  ],
  [
    'a token by nothing',
    { ...far, ...token, KAFKA_SASL_MECHANISM: 'oauthbearer' },
    ['Exactly one of KAFKA_OAUTH_CLIENT_SECRET and KAFKA_OAUTH_FEDERATED_TOKEN_FILE must be set'],
  ],
  [
    'a password in clear',
    { ...far, ...password, KAFKA_SSL: false, KAFKA_SASL_MECHANISM: 'plain' },
    ['KAFKA_SASL_MECHANISM is plain, which shows its secret to the network on the way to kafka-0.example.com:9093: set KAFKA_SSL to true'],
  ],
])('%s is told', (_what, values, problems) => {
  expect(kafkaProblems(values)).toEqual(problems);
});
