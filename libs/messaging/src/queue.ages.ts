import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Gauge, register } from 'prom-client';
import { DataSource } from 'typeorm';
import { JobRunner } from './jobs/job.runner';
import { KafkaServer } from './kafka/kafka.server';
import { SERVICE, type ServiceIdentity } from './messaging.config';
import { within } from './signal';

interface Ages {
  /** By topic, of the oldest message that is not published. */
  readonly outboxByTopic: Readonly<Record<string, number>>;
  readonly outboxDefault: number;
  readonly waiting: number | null;
  readonly failing: number | null;
  readonly dead: number | null;
  /** Of a kind that this version performs. */
  readonly jobReady: number | null;
  /** Of another kind. */
  readonly jobUnknown: number | null;
  readonly jobRunning: number | null;
  readonly jobDead: number | null;
}

const sources = new Set<() => Promise<void>>();

const ages = gauge(
  'queue_oldest_age_seconds',
  'Age of the oldest waiting thing: outbox, fetched messages, waiting, failing and dead keys, ready, unknown, running and dead jobs',
  ['service', 'queue'],
);
const topicAges = gauge(
  'outbox_oldest_pending_seconds',
  'Age of the oldest message of a topic that is not published: a topic that refuses waits by itself',
  ['service', 'topic'],
);
const silences = gauge(
  'consumer_last_fetch_age_seconds',
  'How long ago a consumer last read from the broker: once a second while all is well',
  ['service', 'queue'],
);
const refusals = gauge(
  'consumer_refused_age_seconds',
  'How long a consumer has waited at a record that it can neither handle nor keep as a dead letter; 0 while all is well',
  ['service', 'queue'],
);
const strays = gauge('outbox_default_rows', 'Rows of the outbox that no day holds: its maintenance does not run', ['service', 'queue']);

function gauge<Labels extends string>(name: string, help: string, labelNames: Labels[]): Gauge<Labels> {
  const known = register.getSingleMetric(name) as Gauge<Labels> | undefined;
  return known ?? new Gauge({ name, help, labelNames, collect: collectAll });
}

let collecting: Promise<unknown> | undefined;

/** A scrape waits this long for the tables; the metrics are needed most while the database hangs. */
const limitMs = 2000;

/** Asked once at every scrape, for all gauges. A database that is away or hangs leaves the last values, and fails readiness by itself. */
async function collectAll(): Promise<void> {
  collecting ??= Promise.allSettled([...sources].map((collect) => collect())).finally(() => (collecting = undefined));
  await within(limitMs, collecting);
}

/** What alarms: not how many wait, but how long the oldest has waited. Asked of the tables when somebody looks. */
@Injectable()
export class QueueAges implements OnModuleInit, OnModuleDestroy {
  private readonly collect = () => this.measure();

  constructor(
    private readonly dataSource: DataSource,
    private readonly server: KafkaServer,
    private readonly jobs: JobRunner,
    @Inject(SERVICE) private readonly service: ServiceIdentity,
  ) {}

  onModuleInit(): void {
    sources.add(this.collect);
  }

  onModuleDestroy(): void {
    sources.delete(this.collect);
  }

  private async measure(): Promise<void> {
    const { name: service } = this.service;
    // first what needs no database: it grows just while that is away
    for (const [queue, ageMs] of this.server.fetchAges()) silences.set({ service, queue }, ageMs / 1000);
    for (const [queue, ageMs] of this.server.refusedAges()) refusals.set({ service, queue }, ageMs / 1000);
    for (const [consumer, ageMs] of this.server.oldestAges()) ages.set({ service, queue: `fetched ${consumer}` }, ageMs / 1000);
    const [row] = await this.dataSource.query<Ages[]>(agesSql(service), [this.jobs.kinds]);
    if (!row) return;
    const { outboxDefault, outboxByTopic, ...byQueue } = row;
    for (const [topic, age] of Object.entries(outboxByTopic)) topicAges.set({ service, topic }, age);
    ages.set({ service, queue: 'outbox' }, Math.max(0, ...Object.values(outboxByTopic)));
    for (const [queue, age] of Object.entries(byQueue)) ages.set({ service, queue }, age ?? 0);
    strays.set({ service, queue: 'outbox' }, outboxDefault);
  }
}

/** Each part reads the first entry of an index, of each kind of job by itself, so that much which waits makes a scrape no slower. */
const agesSql = (schema: string): string => `
  with recursive kinds as (
    (select kind from ${schema}.job where state = 'ready' order by kind limit 1)
    union all
    select (select j.kind from ${schema}.job j where j.state = 'ready' and j.kind > known.kind order by j.kind limit 1)
      from kinds known where known.kind is not null),
  due as (
    select kind, (select min(j.run_at) from ${schema}.job j where j.state = 'ready' and j.kind = kinds.kind and j.run_at <= now()) as since
      from kinds where kind is not null)
  select (select coalesce(json_object_agg(topic, age), '{}') from (
            select t.topic, coalesce(extract(epoch from now() - min(o.created_at)), 0)::float8 as age
              from ${schema}.outbox_topic t cross join ${schema}.relay_cursor c left join ${schema}.relay_position p using (partition, topic)
              left join lateral (select created_at from ${schema}.outbox
                                  where partition = c.partition and topic = t.topic and id > coalesce(p.position, 0) order by id limit 1) o on true
             group by t.topic) pending) as "outboxByTopic",
         (select count(*)::int from (select from ${schema}.outbox_default limit 1000) strays) as "outboxDefault",
         ${['waiting', 'failing', 'dead']
           .map(
             (state) =>
               `(select extract(epoch from now() - min(since))::float8 from ${schema}.blocked_key where state = '${state}') as ${state}`,
           )
           .join(',\n         ')},
         (select extract(epoch from now() - min(since))::float8 from due where (kind <> all($1::text[])) is not true) as "jobReady",
         (select extract(epoch from now() - min(since))::float8 from due where kind <> all($1::text[])) as "jobUnknown",
         (select extract(epoch from now() - min(created_at))::float8 from ${schema}.job where state = 'running') as "jobRunning",
         (select extract(epoch from now() - created_at)::float8 from ${schema}.job where state = 'dead' order by seq limit 1) as "jobDead"`;
