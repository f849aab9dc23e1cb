import { randomUUID } from 'node:crypto';
import { laptopPartitions } from '@landfall/local';
import { Kafka, logLevel, type Producer } from 'kafkajs';

/** As long as a public event. */
export const eventSized = 'x'.repeat(1_200);
const batch = 500;
const partitions = laptopPartitions;

const clientOf = (brokers: string) => new Kafka({ brokers: brokers.split(','), clientId: 'bench', logLevel: logLevel.NOTHING });

export async function makeTopic(brokers: string, topic: string, numPartitions: number): Promise<void> {
  const admin = clientOf(brokers).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor: 1 }], waitForLeaders: true });
  await admin.disconnect();
}

/** Messages in a second that kafkajs sends, in batches of 500 with `acks: -1`, and those that it reads back. */
export async function rawKafka(brokers: string, messages: number): Promise<{ produced: number; consumed: number }> {
  const topic = await rawTopic(brokers);
  const produced = await produce(brokers, topic, messages);
  return { produced, consumed: await consume(brokers, topic, messages) };
}

/** Messages in a second that kafkajs reads, where it sends so many for each of them before it reads on. */
export async function consumeAndProduce(brokers: string, messages: number, sentForEach: number): Promise<number> {
  const [from, to] = [await rawTopic(brokers), await rawTopic(brokers)];
  await produce(brokers, from, messages);
  return producing(brokers, (producer) =>
    consume(brokers, from, messages, async (read) => {
      for (let sent = 0; sent < read * sentForEach; sent += batch)
        await sendBatch(producer, to, Math.min(batch, read * sentForEach - sent), sent);
    }),
  );
}

/** Does the work with a producer of its own, which sends each message to the partition that it names. */
export async function producing<T>(brokers: string, work: (producer: Producer) => Promise<T>): Promise<T> {
  const producer = clientOf(brokers).producer({
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition!,
  });
  await producer.connect();
  try {
    return await work(producer);
  } finally {
    await producer.disconnect();
  }
}

async function rawTopic(brokers: string): Promise<string> {
  const topic = `bench.raw.${randomUUID()}`;
  await makeTopic(brokers, topic, partitions);
  return topic;
}

async function sendBatch(producer: Producer, topic: string, count: number, first: number): Promise<void> {
  const messages = Array.from({ length: count }, (_, place) => ({
    ...{ key: `key-${first + place}`, value: eventSized, partition: (first + place) % partitions },
  }));
  await producer.sendBatch({ acks: -1, topicMessages: [{ topic, messages }] });
}

/** Messages in a second. */
export function produce(brokers: string, topic: string, messages: number): Promise<number> {
  return producing(brokers, async (producer) => {
    const startedAt = performance.now();
    for (let sent = 0; sent < messages; sent += batch) await sendBatch(producer, topic, Math.min(batch, messages - sent), sent);
    return messages / ((performance.now() - startedAt) / 1_000);
  });
}

async function consume(brokers: string, topic: string, messages: number, work?: (read: number) => Promise<void>): Promise<number> {
  const consumer = clientOf(brokers).consumer({ groupId: `bench-${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let read = 0;
  let firstAt = 0;
  const seconds = await new Promise<number>((resolve, reject) => {
    const eachBatch = async ({ batch: { messages: records } }: { batch: { messages: unknown[] } }) => {
      firstAt ||= performance.now();
      await work?.(records.length);
      read += records.length;
      if (read >= messages) resolve((performance.now() - firstAt) / 1_000);
    };
    consumer.run({ eachBatch }).catch(reject);
  });
  await consumer.disconnect();
  return messages / Math.max(seconds, 0.001);
}
