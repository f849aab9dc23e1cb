import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { landfallDir, startKafka, startPostgres, startSystem, type RunningKafka, type RunningPostgres, type System } from '@landfall/local';
import type { Watched } from '../measure/cpu';
import { DatabaseCounters } from '../measure/database';
import { TopicCounters } from '../measure/topics';
import { application } from '../microsoft/purchased';
import { prepareDatabase } from '../system/landfall';
import { BusinessClock } from '../usage/business.clock';
import { offer } from '../usage/usage.system';
import type { ComparisonPlan } from './comparison.plan';
import { ListedUsage } from './listed.usage';

/** Billing and fulfillment as they are built, with Postgres, Kafka, a clock that can be moved on, and Microsoft's list of usage. */
export class ComparisonSystem {
  private constructor(
    private readonly dir: string,
    readonly clock: BusinessClock,
    readonly microsoft: ListedUsage,
    readonly postgres: RunningPostgres,
    readonly kafka: RunningKafka,
    readonly system: System,
    readonly counters: DatabaseCounters,
    readonly topics: TopicCounters,
  ) {}

  static async start(plan: ComparisonPlan): Promise<ComparisonSystem> {
    mkdirSync(landfallDir, { recursive: true });
    const dir = mkdtempSync(join(landfallDir, 'bench-'));
    const stops: (() => unknown)[] = [];
    try {
      const [clock, microsoft] = [await BusinessClock.start(), await ListedUsage.start(plan)];
      stops.push(
        () => clock.stop(),
        () => microsoft.stop(),
      );
      const [postgres, kafka] = await Promise.all([
        startPostgres({ dataDir: join(dir, 'postgres'), password: randomUUID(), logFile: join(dir, 'postgres.log') }),
        startKafka({ dataDir: join(dir, 'kafka'), logFile: join(dir, 'kafka.log') }),
      ]);
      stops.push(
        () => postgres.stop(),
        () => kafka.stop(),
      );
      const databaseUrl = await prepareDatabase(postgres.url, 'landfall');
      const own = settings(dir, plan, { databaseUrl, brokers: kafka.brokers, clockUrl: clock.url, origin: microsoft.origin });
      const system = await startSystem({ dir, ports: 'free', env: { ...process.env, ...own }, services: ['billing', 'fulfillment'] });
      stops.push(() => system.stop());
      const topics = new TopicCounters(kafka.brokers);
      await topics.connect();
      return new ComparisonSystem(dir, clock, microsoft, postgres, kafka, system, await DatabaseCounters.connect(databaseUrl), topics);
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
    this.microsoft.stop();
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  pidOf(service: string): number {
    return this.system.run.services.find(({ name }) => name === service)!.pid;
  }

  watched(): Watched {
    const processes = { billing: this.pidOf('billing'), fulfillment: this.pidOf('fulfillment'), kafka: this.kafka.pid, bench: process.pid };
    return { processes, postgresPid: this.postgres.pid };
  }
}

interface Places {
  readonly databaseUrl: string;
  readonly brokers: string;
  readonly clockUrl: string;
  readonly origin: string;
}

/** The nightly audit comes after the comparison, and so not into what is measured. */
function settings(dir: string, { dimensions }: ComparisonPlan, { databaseUrl, brokers, clockUrl, origin }: Places): Record<string, string> {
  const catalog = join(dir, 'catalog.yaml');
  const meters = Object.fromEntries(Array.from({ length: dimensions }, (_, number) => [`m${number}`, { dimension: `d${number}` }]));
  const plans = { [offer.planId]: { meters } };
  writeFileSync(
    catalog,
    JSON.stringify({ publishers: { [offer.publisherId]: { offers: { [offer.offerId]: { displayName: 'Bench', plans } } } } }),
  );
  return {
    ...{ DATABASE_URL: databaseUrl, KAFKA_BROKERS: brokers, CATALOG_FILE: catalog, LOG_MESSAGES: 'false', CLOCK_URL: clockUrl },
    ...{ MARKETPLACE_API_URL: `${origin}/api`, MARKETPLACE_APP_ID: application.appId, ENTRA_AUTHORITY_URL: origin },
    ...{ PUBLISHER_TENANT_ID: application.tenantId, PUBLISHER_CLIENT_ID: application.clientId },
    ...{ PUBLISHER_CLIENT_SECRET: application.clientSecret, FIRST_IMPORT: 'import', RECONCILE_INTERVAL: 'PT24H' },
    ...{ USAGE_COMPARED_AT: '03:00', USAGE_AUDIT_AT: '04:00', USAGE_COMPARISON_INTERVAL: 'PT1S' },
  };
}
