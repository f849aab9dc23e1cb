import { contentType, encodedType } from '@landfall/contracts';
import type { Kafka, Producer, RecordMetadata } from 'kafkajs';
import { PartitionMismatch, requirePartitions } from '../kafka/kafka.partitions';
import { outboxIdHeader, typeHeader } from '../kafka/outbox.header';
import { brokersWordIn, protocolErrorOf } from '../kafka/kafka.protocol';
import { reasonOf } from '../failure';
import type { PendingMessage } from './pending.message';
import type { Refused } from './refusals';

/** What Kafka took of a send, and what it did not. */
export interface Sent {
  readonly acknowledged: readonly PendingMessage[];
  readonly refused: readonly Refused[];
}

/** The senders of one relay, made when they are first needed. */
export class TopicSenders {
  private readonly senders = new Map<string, TopicSender>();

  constructor(
    private readonly kafka: Kafka,
    private readonly partitions: number,
  ) {}

  /** Sends to all topics at the same time, and gives how each ended when all have. */
  send(messages: readonly PendingMessage[]) {
    return Promise.allSettled(
      [...Map.groupBy(messages, ({ topic }) => topic)].map(([topic, ofTopic]) => this.senderOf(topic).send(ofTopic)),
    );
  }

  async end(): Promise<void> {
    await Promise.all([...this.senders.values()].map((sender) => sender.end()));
  }

  private senderOf(topic: string): TopicSender {
    const sender = this.senders.get(topic) ?? new TopicSender(this.kafka, topic, this.partitions);
    this.senders.set(topic, sender);
    return sender;
  }
}

/**
 * Sends to one topic, by a producer of its own: the client's knowledge of the cluster is as good as its worst topic, so that one that was deleted would
 * end the sends to all others.
 */
class TopicSender {
  private producer?: Producer;

  constructor(
    private readonly kafka: Kafka,
    private readonly topic: string,
    private readonly partitions: number,
  ) {}

  /** Sends messages of several partitions, in order within each. Throws where Kafka is away: that is no refusal. */
  async send(messages: readonly PendingMessage[]): Promise<Sent> {
    try {
      const producer = (this.producer ??= await this.connected());
      const records = messages.map(({ partition, key, id, envelope }) => ({
        partition,
        key,
        value: envelope,
        headers: headersOf(id, encodedType(envelope)),
      }));
      const results = await producer.sendBatch({ acks: -1, topicMessages: [{ topic: this.topic, messages: records }] });
      return sentOf(messages, results);
    } catch (error) {
      await this.end().catch(() => undefined); // the error that matters is the first
      return { acknowledged: [], refused: [{ messages, ...refusalOf(error) }] };
    }
  }

  async end(): Promise<void> {
    const { producer } = this;
    this.producer = undefined;
    await producer?.disconnect();
  }

  private async connected(): Promise<Producer> {
    await requirePartitions(this.kafka, [this.topic], this.partitions);
    // acks of all replicas and no idempotence: a repetition is known by its id, and a rolled back sequence number could swallow a batch
    const producer = this.kafka.producer({
      allowAutoTopicCreation: false,
      maxInFlightRequests: 1,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition!,
    });
    await producer.connect();
    return producer;
  }
}

/** kafkajs can't send a header without a value, and would end the whole send. */
const headersOf = (id: string, type: string | undefined) => ({
  'content-type': contentType,
  [outboxIdHeader]: id,
  ...(type !== undefined && { [typeHeader]: type }),
});

/** Why a whole topic is not written now. Throws the error where Kafka is away. */
function refusalOf(error: unknown): Omit<Refused, 'messages'> {
  const word = brokersWordIn(error);
  if (word) return { by: 'topic', isPassing: word.isPassing, reason: `${word.type}: ${reasonOf(error)}` };
  if (error instanceof PartitionMismatch) return { by: 'topic', isPassing: false, reason: reasonOf(error) };
  throw error;
}

/** A broker answers for each partition by itself: what one partition refused, the others took. */
function sentOf(messages: readonly PendingMessage[], results: readonly RecordMetadata[]): Sent {
  const codes = new Map(results.map(({ partition, errorCode }) => [partition, errorCode]));
  const byPartition = Map.groupBy(messages, ({ partition }) => partition);
  const acknowledged: PendingMessage[] = [];
  const refused: Refused[] = [];
  for (const [partition, ofPartition] of byPartition) {
    const code = codes.get(partition);
    if (code === 0) acknowledged.push(...ofPartition);
    else
      refused.push({
        messages: ofPartition,
        by: 'partition',
        isPassing: false, // what passes was thrown, and tried again inside kafkajs
        reason: code === undefined ? 'Kafka gave no answer' : protocolErrorOf(code),
      });
  }
  return { acknowledged, refused };
}
