import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { testBroker, testDatabase } from '../testing/test-database';
import { temporaryDir } from '../testing/temporary-dir';
import { until } from '../until';
import { startSystem, type System, type SystemOptions } from './system';
import { readRun } from './run-json';

/** Without services and marketplace: the journeys of apps/e2e start whole systems. */
const bare = {
  ports: 'free',
  services: [],
  env: { ...process.env, MARKETPLACE_API_URL: 'http://127.0.0.1:1/api' },
} satisfies Partial<SystemOptions>;

async function whoAmI(databaseUrl: string): Promise<unknown> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query('select current_user, current_database()');
  await client.end();
  return rows[0];
}

describe('a system', () => {
  const { dir, remove } = temporaryDir();
  afterAll(remove);

  const running: System[] = [];
  const started = async (options: SystemOptions): Promise<System> => {
    const system = await startSystem(options);
    running.push(system);
    return system;
  };
  /** A test that fails leaves nothing behind either: the next one works on the same folder. */
  afterEach(async () => {
    await Promise.all(running.splice(0).map((system) => system.stop()));
  });

  it('tells scripts where everything is while it runs, refuses a second one in its folder, and keeps its addresses and data', async () => {
    const first = await started({ dir, ...bare });
    expect(readRun(dir)).toEqual(JSON.parse(JSON.stringify(first.run)));
    expect(statSync(join(dir, 'run.json')).mode & 0o077).toBe(0);
    expect(await whoAmI(first.run.databaseUrl)).toEqual({ current_user: 'landfall', current_database: 'landfall' });
    await expect(startSystem({ dir, ...bare })).rejects.toThrow(/already runs in this folder \(process \d+\) at http:\/\/localhost/);
    await first.stop();
    expect(existsSync(join(dir, 'run.json'))).toBe(false);
    expect(() => readRun(dir)).toThrow('Landfall is not running here');

    const second = await started({ dir, ...bare });
    expect([second.run.databaseUrl, second.run.kafkaBrokers]).toEqual([first.run.databaseUrl, first.run.kafkaBrokers]);
  });

  it('starts neither Postgres nor Kafka where the user names others', async () => {
    const database = await testDatabase();
    const env = { ...bare.env, DATABASE_URL: database.url, KAFKA_BROKERS: testBroker().brokers };
    const system = await started({ dir: join(dir, 'others'), ...bare, env });
    expect(system.run).toMatchObject({ databaseUrl: database.url, kafkaBrokers: testBroker().brokers, emulator: null });
    await expect(system.restart('postgres')).rejects.toThrow('This system has no part "postgres"');
    await system.stop();
    await database.drop();
  });

  it('starts a part again that dies, on the same address, and says so in its log', async () => {
    const system = await started({ dir, ...bare });
    const { program } = JSON.parse(readFileSync(join(dir, 'postgres.process.json'), 'utf8')) as { program: { pid: number } };
    process.kill(program.pid, 'SIGKILL');
    const isBack = () => readFileSync(join(dir, 'logs/system.log'), 'utf8').includes('postgres is ready again');
    await until(isBack);
    expect(await whoAmI(system.run.databaseUrl)).toMatchObject({ current_user: 'landfall' });
  });

  it('has no process any more once it has ended where nobody needs its data, which can be removed then', async () => {
    const folder = join(dir, 'ended');
    const system = await started({ dir: folder, ...bare });
    const pids = ['postgres', 'kafka'].map((name) => {
      const { program } = JSON.parse(readFileSync(join(folder, `${name}.process.json`), 'utf8')) as { program: { pid: number } };
      return program.pid;
    });
    await system.killAll();
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(() => readRun(folder)).toThrow('Landfall is not running here');
    rmSync(folder, { recursive: true, maxRetries: 5 });
  });

  it('leaves nothing under way when it is stopped while parts are being started again', async () => {
    const folder = join(dir, 'stopped');
    const system = await started({ dir: folder, ...bare });
    for (const name of ['postgres', 'kafka']) {
      const { program } = JSON.parse(readFileSync(join(folder, `${name}.process.json`), 'utf8')) as { program: { pid: number } };
      process.kill(program.pid, 'SIGKILL');
    }
    const log = () => readFileSync(join(folder, 'logs/system.log'), 'utf8');
    for (const name of ['postgres', 'kafka']) await until(() => log().includes(`${name} was killed by SIGKILL and is started again`));
    await wait(500); // the starts are under way now
    await system.stop();
    const left = () => [log(), readdirSync(folder).sort()];
    const before = left();
    await wait(3_000);
    expect(left()).toEqual(before);
    expect(existsSync(join(folder, 'run.json'))).toBe(false);
  });
});
