import type { Topic } from '@landfall/contracts';
import type { IHeaders, KafkaMessage } from 'kafkajs';
import { decoded, mayWait, received, type Received } from '../consumer/received';
import type { RecordHandler, TopicHandler } from '../consumer/topic.handler';
import type { RawRecord } from '../handlers/records';
import { outboxIdOf, typeOf } from './outbox.header';

/** What of a record a consumer has to know. */
export interface FetchedRecord {
  readonly partition: number;
  readonly offset: string;
  readonly key: string | null;
  readonly value: Buffer;
}

/** What a consumer does with its topic: how one record is read, and who takes a batch of them. */
export interface Reception<R extends FetchedRecord = FetchedRecord> {
  readonly topic: Topic;
  /** The name of the Kafka group. */
  readonly consumer: string;
  /** Records of one transaction at most. */
  readonly batchSize: number;
  read(partition: number, message: KafkaMessage): R;
  /** Nobody waits for the record: it may wait for others. Without it, each is waited for. */
  mayWait?(record: R): boolean;
  /** Resolves when the batch is committed. */
  deliver(records: readonly R[]): Promise<void>;
}

interface Deliverer<Handler, R> {
  deliver(handler: Handler, records: readonly R[]): Promise<void>;
}

/** Of messages each loads, decides and saves the state of its key. */
const messagesOfBatch = 500;
/** Records are stored by one statement, which costs less of each the more there are: 500 of them at once cost a third more CPU. */
const recordsOfBatch = 2_000;

/** Messages by their contract, for an author's stages. */
export const ofMessages = (handler: TopicHandler, batches: Deliverer<TopicHandler, Received>): Reception<Received> => ({
  topic: handler.topic,
  consumer: handler.consumer,
  batchSize: messagesOfBatch,
  read(partition, { offset, value, key, headers }) {
    const { stages } = handler;
    const read = decoded(stages, value, typeOf(headers));
    return received(stages, { partition, offset, value, kafkaKey: keyOf(key), outboxId: outboxIdOf(headers) }, read);
  },
  mayWait: (record) => mayWait(handler.stages, record),
  deliver: (records) => batches.deliver(handler, records),
});

const nothing = Buffer.alloc(0);

/** Records as they came. */
export const ofRecords = (handler: RecordHandler, processor: Deliverer<RecordHandler, RawRecord>): Reception<RawRecord> => ({
  topic: handler.topic,
  consumer: handler.consumer,
  batchSize: recordsOfBatch,
  read: (partition, { offset, value, key, headers }) => ({
    partition,
    offset,
    key: keyOf(key),
    value: value ?? nothing,
    headers: textsOf(headers),
  }),
  deliver: (records) => processor.deliver(handler, records),
});

const keyOf = (key: Buffer | null): string | null => (key && key.length > 0 ? key.toString('utf8') : null);

/** Of a header that was given more than once, the last one. */
function textsOf(headers: IHeaders = {}): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) texts[name] = last.toString();
  }
  return texts;
}
