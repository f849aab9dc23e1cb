import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { landfallDir, startKafka, startPostgres, startSystem, type RunningKafka, type RunningPostgres, type System } from '@landfall/local';
import { Client } from 'pg';
import type { Watched } from '../measure/cpu';
import { DatabaseCounters } from '../measure/database';
import { TopicCounters } from '../measure/topics';

export interface Wanted {
  /** By default all. */
  readonly services?: readonly string[];
  /** The settings of the services beside `DATABASE_URL` and `KAFKA_BROKERS`. @param dir for files of the run, with which it is removed */
  settings(dir: string): Record<string, string>;
}

export interface Parts {
  readonly dir: string;
  readonly postgres: RunningPostgres;
  readonly kafka: RunningKafka;
  readonly system: System;
  readonly counters: DatabaseCounters;
  readonly topics: TopicCounters;
}

/** Postgres (with fsync), Kafka and services as they are built, each a process of its own, in a folder of its own. */
export async function startParts({ services, settings }: Wanted): Promise<Parts> {
  mkdirSync(landfallDir, { recursive: true });
  const dir = mkdtempSync(join(landfallDir, 'bench-'));
  const stops: (() => Promise<void>)[] = [];
  try {
    const [postgres, kafka] = await Promise.all([
      startPostgres({ dataDir: join(dir, 'postgres'), password: randomUUID(), logFile: join(dir, 'postgres.log') }),
      startKafka({ dataDir: join(dir, 'kafka'), logFile: join(dir, 'kafka.log') }),
    ]);
    stops.push(
      () => postgres.stop(),
      () => kafka.stop(),
    );
    const databaseUrl = await prepareDatabase(postgres.url, 'landfall');
    const own = { DATABASE_URL: databaseUrl, KAFKA_BROKERS: kafka.brokers, LOG_MESSAGES: 'false', ...settings(dir) };
    const system = await startSystem({ dir, ports: 'free', env: { ...process.env, ...own }, services });
    stops.push(() => system.stop());
    const topics = new TopicCounters(kafka.brokers);
    await topics.connect();
    stops.push(() => topics.close());
    return { dir, postgres, kafka, system, topics, counters: await DatabaseCounters.connect(databaseUrl) };
  } catch (error) {
    for (const stop of stops.toReversed()) await stop();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    throw error;
  }
}

/** What a bench runs on. */
export class Running {
  readonly postgres: RunningPostgres;
  readonly kafka: RunningKafka;
  readonly system: System;
  readonly counters: DatabaseCounters;
  readonly topics: TopicCounters;
  private readonly dir: string;

  protected constructor({ dir, postgres, kafka, system, counters, topics }: Parts) {
    [this.dir, this.postgres, this.kafka, this.system, this.counters, this.topics] = [dir, postgres, kafka, system, counters, topics];
  }

  async stop(): Promise<void> {
    await Promise.allSettled([this.topics.close(), this.counters.close()]);
    await this.system.stop();
    await Promise.allSettled([this.kafka.stop(), this.postgres.stop()]);
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Of the services that run, one copy of each. */
  get pids(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.system.run.services.map(({ name, pid }) => [name, pid]));
  }

  get services(): readonly string[] {
    return Object.keys(this.pids);
  }

  /** The services, and what is beside them. */
  watched(others: Readonly<Record<string, number>> = {}): Watched {
    return { processes: { ...this.pids, kafka: this.kafka.pid, bench: process.pid, ...others }, postgresPid: this.postgres.pid };
  }

  /** A database of its own on the same server. */
  databaseBeside(name: string): Promise<string> {
    return prepareDatabase(this.postgres.url, name);
  }
}

/**
 * Makes a database. Checkpoints are as rare as a round is long, for all that is measured here alike: one in the middle of a round would put whole pages into its
 * log. What makes a commit durable stays as it is.
 */
async function prepareDatabase(superuserUrl: string, name: string): Promise<string> {
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
