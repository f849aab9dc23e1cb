import { encodeMessage, partitionOf, type Message, type Topic } from '@landfall/contracts';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { JobRunner } from '../jobs/job.runner';
import { KafkaServer } from '../kafka/kafka.server';
import { SERVICE, type ServiceIdentity } from '../messaging.config';
import { decoded, received } from '../consumer/received';
import { Redelivery } from '../dead-letter/redelivery';
import { BatchProcessor } from '../consumer/batch.processor';
import { RecordProcessor } from '../consumer/record.processor';
import type { TopicHandler } from '../consumer/topic.handler';
import type { RawRecord } from '../handlers/records';

/** A job as the service stored it, with its payload. */
export interface ExistingJob {
  readonly kind: string;
  readonly key: string;
  readonly payload: unknown;
  readonly state: 'ready' | 'running' | 'dead';
  readonly attempts: number;
  readonly runAt: string;
  readonly deadline: string | null;
  readonly lastError: string | null;
}

/** Moves messages and jobs by hand, through the same code as Kafka and the loops do: for specs of services, without a broker. */
export interface MessagingDriver {
  /** Hands messages to the consumer of their topic, as one batch of Kafka. Throws where the service does not consume it. */
  deliver(topic: Topic, messages: readonly Message[]): Promise<void>;
  /** Hands records as they lie on Kafka to a consumer that takes them so, as one batch. Throws where the service has none of that topic. */
  deliverRecords(topic: Topic, records: readonly RawRecord[]): Promise<void>;
  /** Envelopes in the outbox behind a position, in the order of their writing, with the position behind them. */
  sent(after: string): Promise<{ envelopes: unknown[]; position: string }>;
  /** Jobs that exist, the oldest first. */
  jobs(): Promise<ExistingJob[]>;
  /** Performs every job that is due now, once; what becomes due by that waits for the next call. Gives their number. */
  perform(): Promise<number>;
  /** Tries every blocked key that is not dead once, due or not. Gives the number of keys. */
  redeliver(): Promise<number>;
}

/** To be called after the application connected the transport (`connectMicroservice`), which must not listen. */
export function messagingDriver(app: INestApplicationContext): MessagingDriver {
  const options = { strict: false };
  const { name: schema, partitions } = app.get<ServiceIdentity>(SERVICE, options);
  const dataSource = app.get(DataSource, options);
  const jobs = app.get(JobRunner, options);
  const redelivery = app.get(Redelivery, options);
  const batches = app.get(BatchProcessor, options);
  const server = app.get(KafkaServer, options);
  const recordBatches = app.get(RecordProcessor, options);
  const served = server.serve();
  served.catch(() => undefined); // thrown again when the first message is moved
  let offset = 0;

  return {
    async deliver(topic, messages) {
      const handler = handlerOf(await served, topic);
      await batches.deliver(
        handler,
        messages.map((message) => record(handler, message, partitions, offset++)),
      );
    },
    async deliverRecords(topic, records) {
      await served;
      await recordBatches.deliver(handlerOf(server.recordHandlers, topic), records);
    },
    async sent(after) {
      const sql = `select id, envelope from ${schema}.outbox where id > $1 order by id`;
      const rows = await dataSource.query<{ id: string; envelope: string }[]>(sql, [after]);
      return { envelopes: rows.map(({ envelope }) => JSON.parse(envelope) as unknown), position: rows.at(-1)?.id ?? after };
    },
    async jobs() {
      const rows = await dataSource.query<(ExistingJob & { payload: string; runAt: Date; deadline: Date | null })[]>(
        `select kind, key, payload, state, attempts, run_at as "runAt", deadline, last_error as "lastError" from ${schema}.job order by seq`,
      );
      return rows.map((row) => ({
        ...row,
        payload: JSON.parse(row.payload) as unknown,
        runAt: row.runAt.toISOString(),
        deadline: row.deadline?.toISOString() ?? null,
      }));
    },
    async perform() {
      await served;
      const started = await jobs.claim();
      await Promise.all(started);
      return started.length;
    },
    async redeliver() {
      await served;
      return redelivery.redeliver(true);
    },
  };
}

function handlerOf<H extends { readonly topic: Topic }>(handlers: readonly H[], topic: Topic): H {
  const handler = handlers.find((candidate) => candidate.topic.name === topic.name);
  if (!handler)
    throw new Error(
      `The service does not consume ${topic.name}; it consumes ${handlers.map(({ topic: { name } }) => name).join(', ') || 'nothing'}`,
    );
  return handler;
}

function record({ stages }: TopicHandler, message: Message, partitions: number, offset: number) {
  const value = Buffer.from(encodeMessage(message));
  const partition = partitionOf(message.key, partitions);
  return received(stages, { partition, offset: String(offset), value, kafkaKey: message.key }, decoded(stages, value));
}
