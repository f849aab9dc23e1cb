import { loopback } from '../process/ports';

export interface BrokerPorts {
  broker: number;
  /** Where the broker tells its clients to connect; the same port where it is left out. */
  advertised?: number | undefined;
  controller: number;
}

type Properties = Record<string, string | number>;

/** A broker as others run it: encrypted, a login for whoever comes, and rights. Nobody may do what no rule allows. */
export interface BrokerSecurity {
  /** PEM: of the authority, and of the broker's own certificate and key, which it signed. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  /** Who may log in by PLAIN and SCRAM. `admin` may do everything. */
  readonly passwords: Readonly<Record<string, string>>;
  /** Whose tokens let in, by OAUTHBEARER. */
  readonly tokens?: { readonly keysUrl: string; readonly issuer: string; readonly audience: string };
}

/**
 * One process that is broker and controller, on loopback. Internal topics have one copy, since there is one broker. Session and heartbeat keep Kafka's own
 * limits (9 s, 2 s): a single broker has nobody to fail over to, and with short ones a busy machine throws it out of its own cluster.
 */
export function serverProperties(
  dataDir: string,
  { broker, controller, advertised = broker }: BrokerPorts,
  security?: BrokerSecurity,
): string {
  const listener = security ? 'SASL_SSL' : 'PLAINTEXT';
  return written({
    ...clusterProperties(dataDir, controller),
    ...(security && securityProperties(security)),
    'process.roles': 'broker,controller',
    listeners: `${listener}://${loopback}:${broker},CONTROLLER://${loopback}:${controller}`,
    'advertised.listeners': `${listener}://${loopback}:${advertised}`,
    'auto.create.topics.enable': 'false',
    'num.partitions': 8,
    'default.replication.factor': 1,
    'offsets.topic.num.partitions': 8,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.cleaner.dedupe.buffer.size': 4_194_304,
    'log.segment.bytes': 67_108_864,
    'log.index.size.max.bytes': 1_048_576,
  });
}

/** The controller alone, on the same data, for the moment in which it ends the registration of a broker that was killed. */
export function controllerProperties(dataDir: string, { controller }: BrokerPorts): string {
  return written({
    ...clusterProperties(dataDir, controller),
    'process.roles': 'controller',
    listeners: `CONTROLLER://${loopback}:${controller}`,
    'broker.session.timeout.ms': 200,
    'broker.heartbeat.interval.ms': 50,
  });
}

/** What `format` is told, since passwords for SCRAM are kept in the cluster itself. */
export function scramUsers({ passwords }: BrokerSecurity): string[] {
  const users = Object.entries(passwords).flatMap(([name, password]) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map((mechanism) => `${mechanism}=[name=${name},password=${password}]`),
  );
  return users.flatMap((user) => ['--add-scram', user]);
}

function securityProperties({ authority, certificate, key, passwords, tokens }: BrokerSecurity): Properties {
  const modules = 'org.apache.kafka.common.security';
  const users = Object.entries(passwords).map(([name, password]) => ` user_${name}="${password}"`);
  const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', ...(tokens ? ['OAUTHBEARER'] : [])];
  return {
    'inter.broker.listener.name': 'SASL_SSL',
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'sasl.enabled.mechanisms': mechanisms.join(','),
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.certificate.chain': certificate,
    'ssl.keystore.key': key,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.certificates': authority,
    'ssl.client.auth': 'requested',
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `${modules}.plain.PlainLoginModule required username="admin" password="${passwords['admin']}"${users.join('')};`,
    'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': `${modules}.scram.ScramLoginModule required;`,
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': `${modules}.scram.ScramLoginModule required;`,
    ...(tokens && {
      'listener.name.sasl_ssl.oauthbearer.sasl.jaas.config': `${modules}.oauthbearer.OAuthBearerLoginModule required;`,
      'listener.name.sasl_ssl.oauthbearer.sasl.server.callback.handler.class': `${modules}.oauthbearer.OAuthBearerValidatorCallbackHandler`,
      'sasl.oauthbearer.jwks.endpoint.url': tokens.keysUrl,
      'sasl.oauthbearer.expected.issuer': tokens.issuer,
      'sasl.oauthbearer.expected.audience': tokens.audience,
    }),
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:admin;User:ANONYMOUS', // ANONYMOUS: the controller's own listener, which no client reaches but on this machine
  };
}

function clusterProperties(dataDir: string, controller: number): Properties {
  return {
    'node.id': 1,
    'controller.quorum.voters': `1@${loopback}:${controller}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT',
    'log.dirs': dataDir.replaceAll('\\', '/'),
  };
}

function written(properties: Properties): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${String(value).trim().replaceAll('\n', '\\n')}\n`)
    .join('');
}
