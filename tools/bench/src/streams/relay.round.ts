import { randomUUID } from 'node:crypto';
import { laptopPartitions } from '@landfall/local';
import { readCpu } from '../measure/cpu';
import type { Landfall } from '../system/landfall';
import { eventSized, makeTopic, produce } from '../yardsticks/kafka';
import { arriving } from './arriving';

/** The service whose relay it is has nothing else to do meanwhile, and nobody reads the topic. */
const service = 'provisioning';
const topic = 'bench.relay';

export interface RelayRound {
  /** Messages in a second that the relay of one service publishes from its outbox, and that kafkajs alone sends: as many, as long, to as many partitions. */
  readonly relayed: number;
  readonly produced: number;
  /** Of the service, for one message. */
  readonly cpuUs: number;
}

export async function makeRelayTopic({ kafka, counters }: Landfall): Promise<void> {
  await makeTopic(kafka.brokers, topic, laptopPartitions);
  await counters.query(`insert into ${service}.outbox_topic values ($1) on conflict do nothing`, [topic]);
}

/** All messages are committed at once, and the relay is told of it as it is of the commits of another copy. */
export async function relayRound(landfall: Landfall, messages: number): Promise<RelayRound> {
  const { kafka, counters, topics } = landfall;
  const raw = `bench.raw.${randomUUID()}`;
  await makeTopic(kafka.brokers, raw, laptopPartitions);
  const produced = await produce(kafka.brokers, raw, messages);
  const arrived = arriving(topics, topic, messages);
  const watched = landfall.watched();
  const before = readCpu(watched);
  await arrived.begins();
  await counters.query(
    `with written as (
       insert into ${service}.outbox (partition, topic, key, message_id, envelope)
       select n % $3::int, $1, 'key-' || n, gen_random_uuid(), $2 from generate_series(1, $4::int) n returning 1)
     select pg_notify('${service}_outbox', '') from (select count(*) from written) as all_written`,
    [topic, eventSized, laptopPartitions, messages],
  );
  const relayed = await arrived.perSecond();
  const cpuSeconds = (readCpu(watched).seconds[service] ?? 0) - (before.seconds[service] ?? 0);
  return { relayed, produced, cpuUs: (cpuSeconds * 1_000_000) / messages };
}
