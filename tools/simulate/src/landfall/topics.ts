import { topicNameOf, type Message, type Topic } from '@landfall/contracts';
import type { Chance } from '../chance';
import type { Scheduler } from '../scheduler';
import { second } from '../time';

export interface TopicOptions {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  /** The chance that a message waits for 1 to 41 s. */
  readonly backlog: number;
}

type Reader = (message: Message) => void;

interface Subscriber {
  readonly topic: string;
  readonly name: string;
  readonly read: Reader;
  /** The arrival of the message before: order holds within a topic, and there is one key. */
  lastArrivalMs: number;
}

/** Stands in for the outbox, the relay and Kafka: every message arrives once, in order within its topic, after a hop of some 20 to 100 ms. */
export class Topics {
  private readonly subscribers: Subscriber[] = [];

  constructor(private readonly options: TopicOptions) {}

  /** `name` is the reading service. */
  read({ name: topic }: Topic, name: string, read: Reader): void {
    this.subscribers.push({ topic, name, read, lastArrivalMs: 0 });
  }

  publish(message: Message): void {
    const { scheduler } = this.options;
    const topic = topicNameOf(message.type);
    for (const subscriber of this.subscribers) {
      if (subscriber.topic !== topic) continue;
      const arrivalMs = Math.max(subscriber.lastArrivalMs, scheduler.nowMs + this.hopMs(message, subscriber.name));
      subscriber.lastArrivalMs = arrivalMs;
      scheduler.at(arrivalMs, () => subscriber.read(message));
    }
  }

  private hopMs({ id }: Message, reader: string): number {
    const { chance, backlog } = this.options;
    const isBehind = chance('backlog', id, reader) < backlog;
    const length = chance('hop', id, reader);
    return isBehind ? second + 40 * second * length : 20 + 80 * length;
  }
}
