import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { groupOf, type Topic } from '@landfall/contracts';
import type { Admin } from 'kafkajs';
import { Background } from '../background';
import { CONFIG, SERVICE, type MessagingConfig, type ServiceIdentity } from '../messaging.config';
import { kafkaClient } from './kafka.client';

/** Between two looks at what the groups have read. */
const LOOK_INTERVAL_MS = 2_000;
const STOP_LIMIT_MS = 5_000;

interface Mark {
  readonly at: number;
  /** By topic and partition: the offset of the record that came first after the mark. */
  readonly ends: readonly { readonly topic: string; readonly partition: number; readonly offset: bigint }[];
}

/**
 * Until when a service has read its topics, whichever of its copies did: all records that Kafka had at that moment are handled, and their offsets committed. Messages that wait as dead letters
 * count as read. Of a service that never asks nothing is looked at.
 */
@Injectable()
export class ReadMarks implements BeforeApplicationShutdown {
  private background?: Background;
  private pending?: Mark;
  private readAt = -Infinity;

  constructor(
    @Inject(SERVICE) private readonly service: ServiceIdentity,
    @Inject(CONFIG) private readonly config: MessagingConfig,
  ) {}

  /** By the clock that was given to `watch`: -Infinity while nothing is known. */
  get readUntil(): number {
    return this.readAt;
  }

  /** @param now the time by which moments are told, such as business time */
  watch(topics: readonly Topic[], now: () => number): void {
    this.background ??= new Background({
      name: ReadMarks.name,
      round: async () => {
        await this.look(topics, now);
        return LOOK_INTERVAL_MS;
      },
      failure: 'nobody knows how far the topics are read; what waits for that goes on waiting, and is asked for again',
      errorPauseMs: LOOK_INTERVAL_MS,
      isPassing: () => true,
    });
    this.background.start(LOOK_INTERVAL_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.background?.stop(STOP_LIMIT_MS);
  }

  /** One look, of a watch or of a test. */
  async look(topics: readonly Topic[], now: () => number): Promise<void> {
    const admin = kafkaClient(this.config.values, `${this.service.instance}/marks`).admin();
    await admin.connect();
    try {
      this.pending ??= await this.mark(admin, topics, now());
      if (!(await this.isReached(admin, this.pending))) return;
      this.readAt = Math.max(this.readAt, this.pending.at);
      this.pending = undefined;
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
