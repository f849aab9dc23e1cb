import { createHash, randomUUID } from 'node:crypto';
import { partitionOf, usage, usageRecorded } from '@landfall/contracts';
import { laptopPartitions } from '@landfall/local';
import type { Producer } from 'kafkajs';

export const meter = 'emails';
/** Of each record; it costs a cent, so that each hour of use is reported. */
export const quantity = '1';
const batch = 500;

/** By the same rule as in SQL: `md5('usage ' || n)::uuid`. */
export function subscriptionOf(number: number): string {
  const digits = createHash('md5').update(`usage ${number}`).digest('hex');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** One record of a product: known by its source and id. */
export interface SentRecord {
  readonly id: string;
  readonly subscriptionId: string;
  readonly partition: number;
}

/** Records with ids of their own, of so many subscriptions in turn. */
export function recordsOf(count: number, subscriptions: number): SentRecord[] {
  const used = Array.from({ length: Math.min(count, subscriptions) }, (_, number) => {
    const subscriptionId = subscriptionOf(number);
    return { subscriptionId, partition: partitionOf(subscriptionId, laptopPartitions) };
  });
  return Array.from({ length: count }, (_, place) => ({ id: randomUUID(), ...used[place % used.length]! }));
}

/** As a product writes it: a CloudEvent in structured mode, with nothing beside what it must have. */
const valueOf = (source: string, time: string, { id, subscriptionId }: SentRecord): string =>
  JSON.stringify({
    ...{ specversion: '1.0', type: usageRecorded.type, source, id, subject: subscriptionId, time },
    data: { meter, quantity },
  });

/** Puts them onto the topic of usage, in batches, as used at that time. */
export async function sendUsage(producer: Producer, source: string, at: number, records: readonly SentRecord[]): Promise<void> {
  const time = new Date(at).toISOString();
  for (let sent = 0; sent < records.length; sent += batch) {
    const messages = records.slice(sent, sent + batch).map((record) => ({
      ...{ key: record.subscriptionId, partition: record.partition, value: valueOf(source, time, record) },
    }));
    await producer.sendBatch({ acks: -1, topicMessages: [{ topic: usage.name, messages }] });
  }
}

/** All ids in one digest, whatever their order. */
export const digestOf = (records: readonly SentRecord[]): string =>
  createHash('md5')
    .update(
      records
        .map(({ id }) => id)
        .toSorted()
        .join(),
    )
    .digest('hex');
