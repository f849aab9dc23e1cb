import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { landfallDir, startKafka, startPostgres, startSystem, type RunningKafka, type RunningPostgres, type System } from '@landfall/local';
import { DatabaseCounters } from '../measure/database';
import { TopicCounters } from '../measure/topics';
import type { Watched } from '../measure/cpu';
import { prepareDatabase } from '../system/landfall';
import { BusinessClock } from './business.clock';
import { meter } from './usage.records';

export const offer = { publisherId: 'bench', offerId: 'bench', planId: 'metered' } as const;
/** Of Microsoft, to which the meter is mapped. */
export const dimension = 'email';

/** The billing service as it is built, with Postgres and Kafka, each a process of its own. Nobody takes its commands. */
export class UsageSystem {
  private constructor(
    private readonly dir: string,
    readonly clock: BusinessClock,
    readonly postgres: RunningPostgres,
    readonly kafka: RunningKafka,
    readonly system: System,
    readonly counters: DatabaseCounters,
    readonly topics: TopicCounters,
  ) {}

  static async start(): Promise<UsageSystem> {
    mkdirSync(landfallDir, { recursive: true });
    const dir = mkdtempSync(join(landfallDir, 'bench-'));
    const stops: (() => unknown)[] = [];
    try {
      const clock = await BusinessClock.start();
      stops.push(() => clock.stop());
      const [postgres, kafka] = await Promise.all([
        startPostgres({ dataDir: join(dir, 'postgres'), password: randomUUID(), logFile: join(dir, 'postgres.log') }),
        startKafka({ dataDir: join(dir, 'kafka'), logFile: join(dir, 'kafka.log') }),
      ]);
      stops.push(
        () => postgres.stop(),
        () => kafka.stop(),
      );
      const databaseUrl = await prepareDatabase(postgres.url, 'landfall');
      const env = { ...process.env, ...settings(dir, databaseUrl, kafka.brokers, clock.url) };
      const system = await startSystem({ dir, ports: 'free', env, services: ['billing'] });
      stops.push(() => system.stop());
      const counters = await DatabaseCounters.connect(databaseUrl);
      const topics = new TopicCounters(kafka.brokers);
      await topics.connect();
      return new UsageSystem(dir, clock, postgres, kafka, system, counters, topics);
    } catch (error) {
      for (const stop of stops.toReversed()) await stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await Promise.allSettled([this.topics.close(), this.counters.close()]);
    await this.system.stop();
    await Promise.allSettled([this.kafka.stop(), this.postgres.stop()]);
    this.clock.stop();
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  readonly services = ['billing'];

  /** Of the one copy. */
  get pid(): number {
    return this.system.run.services[0]!.pid;
  }

  watched(): Watched {
    return { processes: { billing: this.pid, kafka: this.kafka.pid, bench: process.pid }, postgresPid: this.postgres.pid };
  }
}

function settings(dir: string, databaseUrl: string, brokers: string, clockUrl: string): Record<string, string> {
  const catalog = join(dir, 'catalog.yaml');
  const plans = { [offer.planId]: { meters: { [meter]: { dimension } } } };
  const offers = { [offer.offerId]: { displayName: 'Bench', plans } };
  writeFileSync(catalog, JSON.stringify({ publishers: { [offer.publisherId]: { offers } } }));
  return {
    ...{ DATABASE_URL: databaseUrl, KAFKA_BROKERS: brokers, CATALOG_FILE: catalog, LOG_MESSAGES: 'false', CLOCK_URL: clockUrl },
    MARKETPLACE_API_URL: 'http://127.0.0.1:9', // nobody calls it: what would, is not started
  };
}
