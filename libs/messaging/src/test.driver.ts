import { decodeMessage, encodeMessage, laneOf, type Message, type Topic } from '@landfall/contracts';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { JobRunner } from './job.runner';
import { KafkaServer } from './kafka.server';
import { SERVICE, type ServiceIdentity } from './messaging.config';
import { received } from './received';
import { Retrier } from './retrier';
import type { TopicHandler } from './topic.handler';

export interface StoredJob {
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
export interface MessagingTestDriver {
  /** Hands messages to the consumer of their topic, as one batch of Kafka. Throws where the service does not consume it. */
  deliver(topic: Topic, messages: readonly Message[]): Promise<void>;
  /** Envelopes in the outbox behind a position, in the order of their writing, with the position behind them. */
  sent(after: string): Promise<{ envelopes: unknown[]; position: string }>;
  /** Jobs that exist, the oldest first. */
  jobs(): Promise<StoredJob[]>;
  /** Performs every job that is due now, once; what becomes due by that waits for the next call. Gives their number. */
  perform(): Promise<number>;
  /** Tries whatever stands still and is not dead once, due or not. Gives the number of keys. */
  replay(): Promise<number>;
}

/** To be called after the application connected the transport (`connectMicroservice`), which must not listen. */
export function messagingTestDriver(app: INestApplicationContext): MessagingTestDriver {
  const options = { strict: false };
  const { name: schema, lanes } = app.get<ServiceIdentity>(SERVICE, options);
  const dataSource = app.get(DataSource, options);
  const jobs = app.get(JobRunner, options);
  const retrier = app.get(Retrier, options);
  const handlers = new Map(
    app
      .get(KafkaServer, options)
      .serve()
      .map((handler) => [handler.topic.name, handler]),
  );
  let offset = 0;

  return {
    deliver: (topic, messages) => handlerOf(handlers, topic).deliver(messages.map((message) => record(topic, message, lanes, offset++))),
    async sent(after) {
      const sql = `select id, envelope from ${schema}.outbox where id > $1 order by id`;
      const rows = await dataSource.query<{ id: string; envelope: string }[]>(sql, [after]);
      return { envelopes: rows.map(({ envelope }) => JSON.parse(envelope) as unknown), position: rows.at(-1)?.id ?? after };
    },
    async jobs() {
      const rows = await dataSource.query<(StoredJob & { payload: string; runAt: Date; deadline: Date | null })[]>(
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
      const started = await jobs.claim();
      await Promise.all(started);
      return started.length;
    },
    replay: () => retrier.round(true),
  };
}

function handlerOf(handlers: ReadonlyMap<string, TopicHandler>, topic: Topic): TopicHandler {
  const handler = handlers.get(topic.name);
  if (!handler) throw new Error(`The service does not consume ${topic.name}; it consumes ${[...handlers.keys()].join(', ') || 'nothing'}`);
  return handler;
}

function record(topic: Topic, message: Message, lanes: number, offset: number) {
  const value = Buffer.from(encodeMessage(message));
  const lane = laneOf(message.key, lanes);
  return received(topic, { lane, offset: String(offset), value, kafkaKey: message.key }, decodeMessage(topic, value));
}
