import { Logger } from '@nestjs/common';
import type { PendingMessage } from './pending.message';
import type { Place } from './unread.places';

/** Messages of one partition and topic in one send. */
export const messagesPerPartition = 200;
const pauseMs = { first: 500, longest: 30_000 };
/** Nothing is late for long once a leader is elected again. */
const longestPassingMs = 1000;

/** What Kafka does not take: a topic, or a partition of it, and why. The first of the messages is the one at fault where they are one. */
export interface Refused {
  readonly messages: readonly PendingMessage[];
  readonly reason: string;
  /** The topic itself where it does not exist, or may not be written; a partition where it does not take these messages. */
  readonly by: 'topic' | 'partition';
  /** It is over by itself, such as the election of a leader: nobody has to do anything. */
  readonly isPassing: boolean;
}

interface Waiting {
  attempts: number;
  retryAt: number;
  /** Messages of the next send. */
  most: number;
}
export interface PlaceLimit extends Place {
  readonly most: number;
}

/**
 * What waits because Kafka refuses it: a topic, or one partition of a topic. It waits alone, 0.5 s doubling to 30 s (to 1 s where
 * the reason passes by itself), and everything else goes on. Where a
 * partition refuses several messages, half of them are tried at once, until the message at fault stands alone.
 */
export class Refusals {
  private readonly logger = new Logger('Relay');
  private readonly topics = new Map<string, Waiting>();
  private readonly partitions = new Map<string, Waiting & { readonly place: Place }>();

  get areAny(): boolean {
    return this.topics.size > 0 || this.partitions.size > 0;
  }

  /** Topics that are not tried now. */
  get waitingTopics(): string[] {
    return [...this.topics].filter(([, { retryAt }]) => retryAt > performance.now()).map(([topic]) => topic);
  }

  /** The partitions of topics that refused something, and how many messages may be sent there now: 0 while it waits. */
  get limits(): PlaceLimit[] {
    return [...this.partitions.values()].map(({ place: { partition, topic }, retryAt, most }) => ({
      partition,
      topic,
      most: retryAt > performance.now() ? 0 : most,
    }));
  }

  refuse(refused: Refused): void {
    const { messages, by, isPassing } = refused;
    const waiting = by === 'topic' ? this.ofTopic(messages[0]!) : this.ofPartition(messages[0]!);
    if (by === 'partition' && messages.length > 1) {
      waiting.most = messages.length >> 1;
      return;
    }
    waiting.most = 1;
    waiting.retryAt = performance.now() + Math.min(pauseMs.first * 2 ** waiting.attempts, isPassing ? longestPassingMs : pauseMs.longest);
    waiting.attempts++;
    this.log(refused, waiting.attempts);
  }

  private log({ messages, by, isPassing, reason }: Refused, attempts: number): void {
    const { topic, partition, messageId, key } = messages[0]!;
    if (isPassing) {
      this.logger.warn({ topic, attempts, reason }, 'a topic can not be written for now: what goes to it is tried again every second');
      return;
    }
    this.logger.error(
      { topic, partition, messageId, keyId: key, attempts, reason },
      by === 'topic'
        ? 'a topic refuses to be written: what goes to it waits and is tried again, everything else goes on'
        : 'a topic refuses a message: its partition of this topic waits and is tried again, everything else goes on',
    );
  }

  private ofTopic({ topic }: Place): Waiting {
    const waiting = this.topics.get(topic) ?? nothingYet();
    this.topics.set(topic, waiting);
    return waiting;
  }

  private ofPartition({ partition, topic }: Place): Waiting {
    const place = { partition, topic };
    const waiting = this.partitions.get(nameOf(place)) ?? { ...nothingYet(), place };
    this.partitions.set(nameOf(place), waiting);
    return waiting;
  }

  /** Kafka took these: what refused is tried with more and more messages, until it is as before. */
  acknowledge(places: Iterable<Place>): void {
    for (const place of places) {
      if (this.topics.delete(place.topic)) this.logger.log({ topic: place.topic }, 'a topic that refused is written again');
      const waiting = this.partitions.get(nameOf(place));
      if (!waiting) continue;
      waiting.most *= 2;
      waiting.attempts = 0;
      if (waiting.most >= messagesPerPartition) this.partitions.delete(nameOf(place));
    }
  }
}

const nothingYet = (): Waiting => ({ attempts: 0, retryAt: 0, most: messagesPerPartition });
const nameOf = ({ partition, topic }: Place): string => `${partition} ${topic}`;
