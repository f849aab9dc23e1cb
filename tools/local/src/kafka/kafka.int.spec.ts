import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { temporaryDir } from '../testing/temporary-dir';
import { kafkaClient } from './kafka.client';
import { startKafka, type KafkaOptions, type RunningKafka } from './kafka';
import { kafkaLibraries, requireJava } from './kafka.libraries';

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
  const consumer = kafkaClient(kafka.brokers, patient).consumer({ groupId: `reader-${Date.now()}`, maxWaitTimeInMs: 500 }); // its end waits for a fetch
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

  const running: RunningKafka[] = [];
  const started = async (options: KafkaOptions): Promise<RunningKafka> => {
    const kafka = await startKafka(options);
    running.push(kafka);
    return kafka;
  };
  /** A test that fails leaves no broker behind either, which would keep the run from ending. */
  afterEach(async () => {
    await Promise.all(running.splice(0).map((kafka) => kafka.stop()));
  });

  it('keeps what it acknowledged through SIGKILL and restart, on the same address', async () => {
    const kafka = await started({ dataDir: join(dir, 'kafka') });
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
  });

  it('is fenced for no pause that a busy machine makes, and not kept out by its old registration after SIGKILL', async () => {
    const logFile = join(dir, 'paused.log');
    const kafka = await started({ dataDir: join(dir, 'paused'), logFile });
    const admin = kafkaClient(kafka.brokers, patient).admin();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    await admin.disconnect();
    const before = readFileSync(logFile, 'utf8').length;
    process.kill(kafka.pid, 'SIGSTOP');
    await wait(5_000);
    process.kill(kafka.pid, 'SIGCONT');
    await send(kafka, 'after the pause');
    await wait(1_000); // a controller that takes the broker for dead would have said so by now
    expect(readFileSync(logFile, 'utf8').slice(before)).not.toMatch(/fenced=1/);

    await kafka.kill();
    await kafka.restart();
    const said = readFileSync(logFile, 'utf8').slice(before);
    expect(said).toMatch(/fenced=1/);
    expect(said).not.toMatch(/DUPLICATE_BROKER_REGISTRATION/);
  });

  it('takes its classes from an archive that Java accepts, and makes no topic by itself', async () => {
    const kafka = await started({ dataDir: join(dir, 'strict') });
    const libraries = await kafkaLibraries();
    const flag = `-XX:SharedArchiveFile=${libraries}.jsa`;
    expect(spawnSync('ps', ['-o', 'args=', '-p', String(kafka.pid)], { encoding: 'utf8' }).stdout).toContain(flag);
    const shown = spawnSync(requireJava(), ['-Xshare:on', flag, '-cp', join(libraries, '*'), '-version'], { encoding: 'utf8' });
    expect(shown).toMatchObject({ status: 0, stdout: '' }); // `on` ends Java where it cannot use it

    const producer = kafkaClient(kafka.brokers, { retries: 0 }).producer();
    await producer.connect();
    await expect(producer.send({ topic: 'never-made', messages: [{ value: 'x' }] })).rejects.toThrow();
    await producer.disconnect();
  });
});
