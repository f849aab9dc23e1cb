import { Inject, Injectable } from '@nestjs/common';
import { groupOf, type Topic } from '@landfall/contracts';
import type { Admin } from 'kafkajs';
import { CONFIG, SERVICE, type MessagingConfig, type ServiceIdentity } from '../messaging.config';
import { kafkaClient } from './kafka.client';

interface Mark {
  readonly at: number;
  /** By topic and partition: the offset of the record that came first after the mark. */
  readonly ends: readonly { readonly topic: string; readonly partition: number; readonly offset: bigint }[];
}

/**
 * Until when a service has read its topics, whichever of its copies did: all records that Kafka had at that moment are handled, and their offsets committed. Messages that wait as dead letters
 * count as read. Nothing is looked at unless somebody asks.
 */
@Injectable()
export class ReadMarks {
  private pending?: Mark;
  private readAt = -Infinity;

  constructor(
    @Inject(SERVICE) private readonly service: ServiceIdentity,
    @Inject(CONFIG) private readonly config: MessagingConfig,
  ) {}

  /**
   * Asks Kafka how far the topics are read. A moment that has not been reached is asked about again the next time, and no later one before that.
   * @param now the moment, by the caller's clock
   * @returns the newest moment that was reached, by that clock: -Infinity while none was
   * @throws Error of the Kafka client, where that is away
   */
  async readUntil(topics: readonly Topic[], now: number): Promise<number> {
    const admin = kafkaClient(this.config.values, `${this.service.instance}/marks`).admin();
    await admin.connect();
    try {
      this.pending ??= await this.mark(admin, topics, now);
      if (await this.isReached(admin, this.pending)) {
        this.readAt = Math.max(this.readAt, this.pending.at);
        this.pending = undefined;
      }
      return this.readAt;
    } finally {
      await admin.disconnect();
    }
  }

  private async mark(admin: Admin, topics: readonly Topic[], at: number): Promise<Mark> {
    const ends = await Promise.all(
      topics.map(async ({ name }) =>
        (await admin.fetchTopicOffsets(name)).flatMap(({ partition, high, low }) =>
          high === low ? [] : [{ topic: name, partition, offset: BigInt(high) }],
        ),
      ),
    );
    return { at, ends: ends.flat() };
  }

  private async isReached(admin: Admin, { ends }: Mark): Promise<boolean> {
    const topics = [...new Set(ends.map(({ topic }) => topic))];
    const read = await Promise.all(
      topics.map(async (topic) => {
        const [offsets] = await admin.fetchOffsets({ groupId: groupOf(`${this.service.name}.${topic}`), topics: [topic] });
        return (offsets?.partitions ?? []).map(({ partition, offset }) => [`${topic}/${partition}`, BigInt(offset)] as const);
      }),
    );
    const committed = new Map(read.flat());
    return ends.every(({ topic, partition, offset }) => (committed.get(`${topic}/${partition}`) ?? -1n) >= offset);
  }
}
