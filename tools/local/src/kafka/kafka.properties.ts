import { loopback } from '../process/ports';

export interface BrokerPorts {
  broker: number;
  controller: number;
}

/**
 * One process that is broker and controller, on loopback. Internal topics have one copy, since there is one broker. The short session makes a broker that was
 * killed come back in seconds: with the defaults its old registration has to run out first.
 */
export function serverProperties(dataDir: string, { broker, controller }: BrokerPorts): string {
  const properties: Record<string, string | number> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${loopback}:${controller}`,
    listeners: `PLAINTEXT://${loopback}:${broker},CONTROLLER://${loopback}:${controller}`,
    'advertised.listeners': `PLAINTEXT://${loopback}:${broker}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': dataDir.replaceAll('\\', '/'),
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
    'broker.session.timeout.ms': 1000,
    'broker.heartbeat.interval.ms': 100,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.cleaner.dedupe.buffer.size': 4_194_304,
    'log.segment.bytes': 67_108_864,
    'log.index.size.max.bytes': 1_048_576,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
