import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { securedKafka, landfallDir, type SecuredKafka } from '@landfall/local';
import { exportJWK, SignJWT } from 'jose';
import { Kafka, logLevel } from 'kafkajs';
import { securityOf } from './kafka.security';
import type { KafkaValues } from './kafka.settings';

/** Who gives tokens: for the client `subscription` with the right secret. */
class TokenIssuer {
  private readonly keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  private server!: Server;
  url!: string;

  async start(): Promise<void> {
    this.server = createServer(async (request, response) => {
      if (request.url === '/keys')
        return void response.end(
          JSON.stringify({ keys: [{ ...(await exportJWK(this.keys.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }] }),
        );
      const asked = new URLSearchParams(await text(request));
      if (asked.get('client_secret') !== 'right') return void response.writeHead(401).end('{"error":"invalid_client"}');
      response.end(JSON.stringify({ access_token: await this.tokenOf(asked.get('client_id') ?? ''), expires_in: 600 }));
    });
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<unknown> {
    return new Promise((resolve) => this.server.close(resolve));
  }

  private tokenOf(subject: string): Promise<string> {
    const token = new SignJWT({ scope: 'kafka' }).setProtectedHeader({ alg: 'ES256', kid: 'one' });
    return token
      .setSubject(subject)
      .setIssuer('issuer')
      .setAudience('kafka')
      .setIssuedAt()
      .setExpirationTime('10m')
      .sign(this.keys.privateKey);
  }
}

const issuer = new TokenIssuer();
const dir = mkdtempSync(join(landfallDir, 'secured-'));
let kafka: SecuredKafka;

beforeAll(async () => {
  await issuer.start();
  kafka = await securedKafka(dir, { keysUrl: `${issuer.url}/keys`, issuer: 'issuer', audience: 'kafka' });
});
afterAll(async () => {
  await kafka?.stop();
  await issuer.stop();
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
});

const as = (more: Partial<KafkaValues>): KafkaValues => ({
  KAFKA_BROKERS: [kafka.brokers],
  KAFKA_SSL: true,
  KAFKA_SSL_CA: kafka.authority,
  ...more,
});
const password = (username: string, given = kafka.passwordOf(username)) => ({ KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: given });
const token = (given: string) => ({
  ...{ KAFKA_SASL_MECHANISM: 'oauthbearer' as const, KAFKA_OAUTH_TOKEN_URL: `${issuer.url}/token` },
  ...{ KAFKA_OAUTH_CLIENT_ID: 'subscription', KAFKA_OAUTH_CLIENT_SECRET: given },
});

async function topicsSeenBy(values: KafkaValues): Promise<string[]> {
  const client = new Kafka({
    brokers: [...values.KAFKA_BROKERS],
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
    connectionTimeout: 5_000,
    ...securityOf(values),
  });
  const admin = client.admin();
  try {
    await admin.connect();
    return (await admin.listTopics()).sort();
  } finally {
    await admin.disconnect();
  }
}

/** What subscription writes or reads, and nothing else. */
const ofSubscription = [
  'landfall.fulfillment.commands.v1',
  'landfall.fulfillment.events.v1',
  'landfall.gateway.events.v1',
  'landfall.provisioning.events.v1',
  'landfall.subscription.decisions.v1',
  'landfall.subscription.events.v1',
  'landfall.subscription.snapshots.v1',
];

it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('lets a service in by %s, which sees its topics alone', async (mechanism) => {
  expect(await topicsSeenBy(as({ KAFKA_SASL_MECHANISM: mechanism, ...password('subscription') }))).toEqual(ofSubscription);
});

it('lets a service in by a token, which sees the same', async () => {
  expect(await topicsSeenBy(as(token('right')))).toEqual(ofSubscription);
});

it('says which address gave no token', async () => {
  await expect(topicsSeenBy(as(token('wrong')))).rejects.toThrow(
    'KAFKA_OAUTH_TOKEN_URL gave no token for Kafka: it answered 401 (invalid_client)',
  );
});

it('is not let in by a wrong password, nor without a login', async () => {
  await expect(topicsSeenBy(as({ KAFKA_SASL_MECHANISM: 'scram-sha-512', ...password('subscription', 'wrong') }))).rejects.toThrow(
    /SASL SCRAM SHA512 authentication failed/,
  );
  await expect(topicsSeenBy(as({}))).rejects.toThrow();
});

it('does not speak to a broker whose authority it does not know, nor to one that is not encrypted', async () => {
  const login = { KAFKA_SASL_MECHANISM: 'scram-sha-512' as const, ...password('subscription') };
  await expect(topicsSeenBy(as({ ...login, KAFKA_SSL_CA: undefined }))).rejects.toThrow(/certificate/);
  await expect(topicsSeenBy(as({ ...login, KAFKA_SSL: false, KAFKA_SSL_CA: undefined }))).rejects.toThrow();
});
