import { loopback } from '../process/ports';

export interface BrokerPorts {
  broker: number;
  /** Where the broker tells its clients to connect; the same port where it is left out. */
  advertised?: number | undefined;
  controller: number;
}

type Properties = Record<string, string | number>;

/**
 * One process that is broker and controller, on loopback. Internal topics have one copy, since there is one broker. Session and heartbeat keep Kafka's own
 * limits (9 s, 2 s): a single broker has nobody to fail over to, and with short ones a busy machine throws it out of its own cluster.
 */
export function serverProperties(dataDir: string, { broker, controller, advertised = broker }: BrokerPorts): string {
  return written({
    ...clusterProperties(dataDir, controller),
    'process.roles': 'broker,controller',
    listeners: `PLAINTEXT://${loopback}:${broker},CONTROLLER://${loopback}:${controller}`,
    'advertised.listeners': `PLAINTEXT://${loopback}:${advertised}`,
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

function clusterProperties(dataDir: string, controller: number): Properties {
  return {
    'node.id': 1,
    'controller.quorum.voters': `1@${loopback}:${controller}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': dataDir.replaceAll('\\', '/'),
  };
}

function written(properties: Properties): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
