import type { Topic } from '@landfall/contracts';
import type { Transaction } from '../transaction';
import type { Effect } from './outcome';

/** A record as it lies on Kafka: whoever takes it reads it. */
export interface RawRecord {
  readonly partition: number;
  readonly offset: string;
  readonly key: string | null;
  /** Empty where the record has none. */
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a transaction leads to beside what it wrote. */
export interface Taken {
  /** Appended as its last step. Their ids are new each time: what must be said once follows from a row that is written once. */
  readonly effects?: readonly Effect[];
  /** Called once it is committed, such as to count. Not where the process ends between the two. */
  committed?(): void;
}

export interface RecordsDefinition {
  /** Takes the records of a batch, in their order. It runs again after an outage, and for parts of what SQL refused; and for what was delivered twice, since nothing is remembered here. */
  take(tx: Transaction, records: readonly RawRecord[]): Promise<Taken> | Taken;
  /** Keeps a record that SQL refuses also alone, with the reason: for people, at most 500 characters, without values of the record. */
  refuse(tx: Transaction, record: RawRecord, reason: string): Promise<Taken> | Taken;
}

/** The same for the library; built by `records`. */
export interface ConsumerRecords<T extends Topic = Topic> extends RecordsDefinition {
  readonly topic: T;
}

/**
 * Declares that the records of a topic are taken as they came, in batches: `@Consumes(topic) onX() { return records(topic, { take, refuse }); }`. For a topic that others
 * write, of which much comes and nothing may wait behind anything. There is no deduplication, no dead letter and no blocked key: a unique index and a table of the service's
 * own stand in their place.
 */
export const records = <T extends Topic>(topic: T, definition: RecordsDefinition): ConsumerRecords<T> => ({ ...definition, topic });
