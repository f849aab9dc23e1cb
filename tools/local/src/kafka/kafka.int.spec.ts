import { join } from 'node:path';
import { temporaryDir } from '../testing/temporary-dir';
import { kafkaClient } from './kafka.client';
import { startKafka, type RunningKafka } from './kafka';

const topic = 'kept';

/** Enough tries for a broker that is just coming back. */
const patient = { retries: 20 };

async function send(kafka: RunningKafka, value: string): Promise<void> {
  const producer = kafkaClient(kafka.brokers, patient).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  await producer.send({ topic, acks: -1, messages: [{ value }] });
  await producer.disconnect();
}

async function readFirst(kafka: RunningKafka, count: number): Promise<string[]> {
  const consumer = kafkaClient(kafka.brokers, patient).consumer({ groupId: `reader-${Date.now()}` });
  const values: string[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ message }) => {
          values.push(message.value?.toString() ?? '');
          if (values.length === count) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return values;
}

describe('embedded Kafka', () => {
  const { dir, remove } = temporaryDir();
  afterAll(remove);

  it('keeps what it acknowledged through SIGKILL and restart, on the same address', async () => {
    const kafka = await startKafka({ dataDir: join(dir, 'kafka') });
    const { brokers } = kafka;
    const admin = kafkaClient(kafka.brokers, patient).admin();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    await admin.disconnect();
    await send(kafka, 'before');
    await kafka.kill();
    await kafka.restart();
    expect(kafka.brokers).toBe(brokers);
    await send(kafka, 'after');
    expect(await readFirst(kafka, 2)).toEqual(['before', 'after']);
    await kafka.stop();
  }, 60_000);

  it('makes no topic by itself', async () => {
    const kafka = await startKafka({ dataDir: join(dir, 'strict') });
    const producer = kafkaClient(kafka.brokers, { retries: 0 }).producer();
    await producer.connect();
    await expect(producer.send({ topic: 'never-made', messages: [{ value: 'x' }] })).rejects.toThrow();
    await producer.disconnect();
    await kafka.stop();
  }, 60_000);
});
