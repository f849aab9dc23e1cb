import { setTimeout as wait } from 'node:timers/promises';
import { Kafka, logLevel, type Admin } from 'kafkajs';

/** A broker on a busy machine may be away from its own partitions for some seconds. */
const attempts = 10;
const pauseMs = 1_000;

/** How many messages lie on each topic. */
export class TopicCounters {
  private readonly admin: Admin;

  constructor(brokers: string) {
    this.admin = new Kafka({
      brokers: brokers.split(','),
      clientId: 'bench',
      logLevel: logLevel.NOTHING,
      retry: { maxRetryTime: 500, retries: 10 },
    }).admin();
  }

  connect(): Promise<void> {
    return this.admin.connect();
  }

  close(): Promise<void> {
    return this.admin.disconnect();
  }

  /** Messages that were ever appended, by topic. */
  async read(attempt = 1): Promise<Record<string, number>> {
    try {
      return await this.ends();
    } catch (error) {
      if (attempt >= attempts) throw error;
      await wait(pauseMs);
      return this.read(attempt + 1);
    }
  }

  /** Messages that were ever appended to one topic. */
  async countOf(topic: string): Promise<number> {
    const partitions = await this.admin.fetchTopicOffsets(topic);
    return partitions.reduce((sum, { high }) => sum + Number(high), 0);
  }

  private async ends(): Promise<Record<string, number>> {
    const topics = (await this.admin.listTopics()).filter((name) => !name.startsWith('__'));
    const counted = topics.map(async (topic): Promise<[string, number]> => [topic, await this.countOf(topic)]);
    return Object.fromEntries(await Promise.all(counted));
  }
}
