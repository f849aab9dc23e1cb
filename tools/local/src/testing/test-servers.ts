import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startKafka, type RunningKafka } from '../kafka/kafka';
import { startPostgres, type RunningPostgres } from '../postgres/postgres';
import { reachableDataDir } from '../postgres/postgres.binaries';
import { landfallDir } from '../repository';

/** Postgres and Kafka of one test run, on data of their own that nobody needs afterwards: Postgres does not wait for the disk. */
export interface TestServers {
  postgres?: RunningPostgres;
  kafka?: RunningKafka;
  stop(): Promise<void>;
}

/**
 * Starts what the environment does not name already, and names it there for the processes that run the tests.
 * LANDFALL_TEST_DATABASE_URL and LANDFALL_TEST_KAFKA_BROKERS are for developers who keep both running.
 */
export async function startTestServers(env: NodeJS.ProcessEnv = process.env): Promise<TestServers> {
  const parent = join(landfallDir, 'test');
  const dir = join(parent, `run-${process.pid}`);
  mkdirSync(dir, { recursive: true });
  removeLeftovers(parent);
  const [postgres, kafka] = await Promise.allSettled([
    env['LANDFALL_TEST_DATABASE_URL'] ? undefined : startPostgres({ dataDir: join(dir, 'postgres'), isDisposable: true }),
    env['LANDFALL_TEST_KAFKA_BROKERS'] ? undefined : startKafka({ dataDir: join(dir, 'kafka') }),
  ]);
  const running = [postgres, kafka].map((started) => (started.status === 'fulfilled' ? started.value : undefined));
  const stop = async () => {
    await Promise.all(running.map((server) => server?.kill())); // nobody needs this data, so nothing has to be flushed
    for (const folder of [dir, ...(postgres.status === 'fulfilled' && postgres.value ? [postgres.value.dir] : [])]) {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  for (const started of [postgres, kafka]) {
    if (started.status === 'fulfilled') continue;
    await stop();
    throw started.reason;
  }
  const [database, broker] = running as [RunningPostgres | undefined, RunningKafka | undefined];
  if (database) env['LANDFALL_TEST_DATABASE_URL'] = database.url;
  if (broker) env['LANDFALL_TEST_KAFKA_BROKERS'] = broker.brokers;
  return { postgres: database, kafka: broker, stop };
}

/** Data of runs that were killed. */
function removeLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = Number(/^run-(\d+)$/.exec(name)?.[1]);
    if (!pid || exists(pid)) continue;
    for (const folder of [reachableDataDir(join(parent, name, 'postgres')), join(parent, name)])
      rmSync(folder, { recursive: true, force: true });
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // another user's
  }
}
