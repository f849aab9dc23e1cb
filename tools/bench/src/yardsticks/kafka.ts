import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';

/** As long as a public event. */
const value = 'x'.repeat(1_200);
const batch = 500;
const partitions = 8;

const clientOf = (brokers: string) => new Kafka({ brokers: brokers.split(','), clientId: 'bench', logLevel: logLevel.NOTHING });

export async function makeTopic(brokers: string, topic: string, numPartitions: number): Promise<void> {
  const admin = clientOf(brokers).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor: 1 }], waitForLeaders: true });
  await admin.disconnect();
}

/** Messages in a second that kafkajs sends, in batches of 500 with `acks: -1`, and those that it reads back. */
export async function rawKafka(brokers: string, messages: number): Promise<{ produced: number; consumed: number }> {
  const topic = `bench.raw.${randomUUID()}`;
  await makeTopic(brokers, topic, partitions);
  const produced = await produce(brokers, topic, messages);
  return { produced, consumed: await consume(brokers, topic, messages) };
}

async function produce(brokers: string, topic: string, messages: number): Promise<number> {
  const producer = clientOf(brokers).producer();
  await producer.connect();
  const startedAt = performance.now();
  for (let sent = 0; sent < messages; sent += batch) {
    const records = Array.from({ length: Math.min(batch, messages - sent) }, (_, place) => ({
      ...{ key: `key-${sent + place}`, value, partition: (sent + place) % partitions },
    }));
    await producer.sendBatch({ acks: -1, topicMessages: [{ topic, messages: records }] });
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  await producer.disconnect();
  return messages / seconds;
}

async function consume(brokers: string, topic: string, messages: number): Promise<number> {
  const consumer = clientOf(brokers).consumer({ groupId: `bench-${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let read = 0;
  let firstAt = 0;
  const seconds = await new Promise<number>((resolve, reject) => {
    const eachBatch = async ({ batch: { messages: records } }: { batch: { messages: unknown[] } }) => {
      firstAt ||= performance.now();
      read += records.length;
      if (read >= messages) resolve((performance.now() - firstAt) / 1_000);
    };
    consumer.run({ eachBatch }).catch(reject);
  });
  await consumer.disconnect();
  return messages / Math.max(seconds, 0.001);
}
