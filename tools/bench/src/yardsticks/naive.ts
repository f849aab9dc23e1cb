import { Client } from 'pg';
import type { LoadResult, Order } from '../load/load.protocol';
import { DatabaseCounters } from '../measure/database';
import { subscriptionId } from '../microsoft/operation.id';
import { application, plans, sold } from '../microsoft/purchased';
import { costOf, noIdleUse, readAll } from '../rounds/cost';
import { requestOf, shownOf, useSince } from '../rounds/webhook.round';
import { untilIdle } from '../rounds/quiet';
import { Child } from '../system/child';
import type { Landfall } from '../system/landfall';
import { freePort } from '@landfall/local';
import type { StubReady } from '../microsoft/main';
import type { Seen } from '../microsoft/marketplace';
import { makeTopic } from './kafka';

const topic = 'bench.naive.events';
const partitions = 8;

/** The naive handler, with a Microsoft, a database and a topic of its own. */
export class Naive {
  private constructor(
    private readonly landfall: Landfall,
    private readonly process: Child,
    private readonly stub: Child,
    private readonly microsoft: StubReady,
    private readonly counters: DatabaseCounters,
    private readonly url: string,
  ) {}

  static async start(landfall: Landfall, subscriptions: number): Promise<Naive> {
    const databaseUrl = await landfall.databaseBeside('naive');
    await makeTopic(landfall.kafka.brokers, topic, partitions);
    const stub = Child.start('microsoft/main', { SUBSCRIPTIONS: String(subscriptions) });
    const microsoft = await stub.says<StubReady>();
    const port = await freePort();
    const naive = Child.start('naive/main', {
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      KAFKA_BROKERS: landfall.kafka.brokers,
      MARKETPLACE_API_URL: `${microsoft.origin}/api`,
      ENTRA_AUTHORITY_URL: microsoft.origin,
      MARKETPLACE_APP_ID: application.appId,
      PUBLISHER_TENANT_ID: application.tenantId,
      PUBLISHER_CLIENT_ID: application.clientId,
      PUBLISHER_CLIENT_SECRET: application.clientSecret,
      EVENTS_TOPIC: topic,
      KAFKAJS_NO_PARTITIONER_WARNING: '1',
    });
    await naive.says();
    await sell(databaseUrl, subscriptions);
    return new Naive(landfall, naive, stub, microsoft, await DatabaseCounters.connect(databaseUrl), `http://127.0.0.1:${port}/webhook`);
  }

  async stop(): Promise<void> {
    await this.counters.close();
    await Promise.all([this.process.stop(), this.stub.stop()]);
  }

  /** The services are halted meanwhile, so that they take nothing from it. */
  async round(load: Child, orders: readonly Order[], rate: number | null) {
    const { landfall, stub, microsoft, counters } = this;
    const asked = requestOf(landfall, this.url, orders, rate);
    await load.ask({
      ...asked,
      issuer: `${microsoft.origin}/${application.tenantId}/v2.0`,
      kid: microsoft.kid,
      privateKeyPem: microsoft.privateKeyPem,
    });
    await untilIdle();
    const watched = landfall.watched({ load: load.pid, naive: this.process.pid, 'naive-stub': stub.pid });
    await stub.ask<Seen>({});
    const before = await readAll(watched, counters, landfall.topics);
    const result = await frozen(landfall, () => load.ask<LoadResult>('go'));
    const { calls } = await stub.ask<Seen>({});
    const use = await useSince(before, watched, counters, landfall);
    return {
      ...shownOf(result, rate),
      donePerSecond: (result.accepted.length / Math.max(result.endedAtMs - result.startedAtMs, 1)) * 1_000,
      cost: costOf(use, noIdleUse, orders.length),
      calls: Object.fromEntries(Object.entries(calls).map(([kind, count]) => [kind, count / orders.length])),
      foreign: use.cpu.foreign,
      stolen: use.cpu.stolen,
    };
  }
}

export type NaiveRound = Awaited<ReturnType<Naive['round']>>;

/** Halts the services for the work, which must be over within some seconds: what is halted for half a minute is started anew. */
export async function frozen<T>(
  { system, services }: Pick<Landfall, 'system' | 'services'>,
  work: () => Promise<T>,
  names: readonly string[] = services,
): Promise<T> {
  for (const name of names) system.freeze(name);
  try {
    return await work();
  } finally {
    for (const name of names) system.thaw(name);
  }
}

async function sell(databaseUrl: string, subscriptions: number): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(`insert into subscriptions (id, "planId", quantity, status) select unnest($1::uuid[]), $2, $3, $4`, [
    Array.from({ length: subscriptions }, (_, index) => subscriptionId(index)),
    plans[sold.plan],
    sold.quantity,
    sold.status,
  ]);
  await client.end();
}
