import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { landfallDir, startKafka, startPostgres, startSystem, type RunningKafka, type RunningPostgres, type System } from '@landfall/local';
import { application, offer, plans } from '../microsoft/purchased';
import type { StubReady } from '../microsoft/main';
import { DatabaseCounters } from '../measure/database';
import { TopicCounters } from '../measure/topics';
import type { Watched } from '../measure/cpu';
import { Child } from './child';
import { EventReader } from './event.reader';

/** So short that closing reads (rule 2) fall into the round that caused them, and are counted there. */
const copyLag = 'PT5S';

/** Everything that a bench runs on: Postgres, Kafka, the stub for Microsoft and the services, each a process of its own. */
export class Landfall {
  private constructor(
    private readonly dir: string,
    readonly postgres: RunningPostgres,
    readonly kafka: RunningKafka,
    readonly stub: Child,
    readonly microsoft: StubReady,
    readonly system: System,
    readonly counters: DatabaseCounters,
    readonly topics: TopicCounters,
    readonly events: EventReader,
  ) {}

  /** @param subscriptions so many are sold before the first round, and imported by the first sweep */
  static async start(subscriptions: number, say: (line: string) => void): Promise<Landfall> {
    mkdirSync(landfallDir, { recursive: true });
    const dir = mkdtempSync(join(landfallDir, 'bench-'));
    const stops: (() => Promise<void>)[] = [];
    try {
      say('Starting Postgres, Kafka and the services.');
      const [postgres, kafka] = await Promise.all([
        startPostgres({ dataDir: join(dir, 'postgres'), password: randomUUID(), logFile: join(dir, 'postgres.log') }),
        startKafka({ dataDir: join(dir, 'kafka'), logFile: join(dir, 'kafka.log') }),
      ]);
      stops.push(
        () => postgres.stop(),
        () => kafka.stop(),
      );
      const databaseUrl = await prepareDatabase(postgres.url, 'landfall');
      const stub = Child.start('microsoft/main', { SUBSCRIPTIONS: String(subscriptions) });
      stops.push(() => stub.stop());
      const microsoft = await stub.says<StubReady>();
      const env = { ...process.env, ...settings(dir, databaseUrl, kafka.brokers, microsoft.origin) };
      const system = await startSystem({ dir, ports: 'free', env });
      stops.push(() => system.stop());
      const counters = await DatabaseCounters.connect(databaseUrl);
      const topics = new TopicCounters(kafka.brokers);
      const events = new EventReader(kafka.brokers);
      await Promise.all([topics.connect(), events.start()]);
      return new Landfall(dir, postgres, kafka, stub, microsoft, system, counters, topics, events);
    } catch (error) {
      for (const stop of stops.toReversed()) await stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await Promise.allSettled([this.events.stop(), this.topics.close(), this.counters.close()]);
    await this.system.stop();
    await Promise.allSettled([this.stub.stop(), this.kafka.stop(), this.postgres.stop()]);
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  /** The processes of Landfall itself by service, and what is beside them. */
  watched(others: Readonly<Record<string, number>> = {}): Watched {
    const services = Object.fromEntries(this.system.run.services.map(({ name, pid }) => [name, pid]));
    const beside = { kafka: this.kafka.pid, stub: this.stub.pid, bench: process.pid };
    return { processes: { ...services, ...beside, ...others }, postgresPid: this.postgres.pid };
  }

  get services(): readonly string[] {
    return this.system.run.services.map(({ name }) => name);
  }

  get issuer(): string {
    return `${this.microsoft.origin}/${application.tenantId}/v2.0`;
  }

  /** A database of its own on the same server. */
  async databaseBeside(name: string): Promise<string> {
    return prepareDatabase(this.postgres.url, name);
  }
}

/**
 * Makes a database. Checkpoints are as rare as a round is long, for all that is measured here alike: one in the middle of a round would put whole pages into its
 * log. What makes a commit durable stays as it is.
 */
export async function prepareDatabase(superuserUrl: string, name: string): Promise<string> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query(`create database ${client.escapeIdentifier(name)} template template0`);
    await client.query(`alter system set checkpoint_timeout = '1h'`);
    await client.query(`alter system set max_wal_size = '8GB'`);
    await client.query('select pg_reload_conf()');
  } finally {
    await client.end();
  }
  const url = new URL(superuserUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** As a laptop has them, except that nothing is logged beyond what is logged where Landfall is deployed. */
function settings(dir: string, databaseUrl: string, brokers: string, origin: string): Record<string, string> {
  const catalog = join(dir, 'catalog.yaml');
  const sold = plans.map((plan) => `          ${plan}: {}`).join('\n');
  writeFileSync(
    catalog,
    `publishers:\n  ${offer.publisherId}:\n    offers:\n      ${offer.offerId}:\n        displayName: Bench\n        plans:\n${sold}\n`,
  );
  return {
    DATABASE_URL: databaseUrl,
    KAFKA_BROKERS: brokers,
    CATALOG_FILE: catalog,
    LOG_MESSAGES: 'false',
    MARKETPLACE_API_URL: `${origin}/api`,
    MARKETPLACE_APP_ID: application.appId,
    ENTRA_AUTHORITY_URL: origin,
    PUBLISHER_TENANT_ID: application.tenantId,
    PUBLISHER_CLIENT_ID: application.clientId,
    PUBLISHER_CLIENT_SECRET: application.clientSecret,
    SIGNIN_AUTHORITY_URL: `${origin}/common/v2.0`,
    SIGNIN_CLIENT_ID: application.clientId,
    SIGNIN_CLIENT_SECRET: application.clientSecret,
    FIRST_IMPORT: 'import',
    RECONCILE_INTERVAL: 'PT24H',
    COPY_LAG: copyLag,
  };
}
