import { join } from 'node:path';
import { Client } from 'pg';
import { temporaryDir } from '../testing/temporary-dir';
import { startTcpProxy } from '../testing/tcp-proxy';
import { testDatabase } from '../testing/test-database';
import { startPostgres, untilReady } from './postgres';

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(sql);
  await client.end();
  return rows;
}

describe('embedded Postgres', () => {
  const { dir, remove } = temporaryDir();
  const dataDir = join(dir, 'postgres');
  afterAll(remove);

  it('is waited for also while it is too busy to answer a connection within a second', async () => {
    const database = await testDatabase();
    const proxy = await startTcpProxy({ port: Number(new URL(database.url).port) });
    try {
      proxy.swallow();
      const ready = untilReady(
        proxy.through(database.url),
        { ended: new Promise(() => undefined), stop: async () => undefined },
        'postgres.log',
      );
      setTimeout(proxy.pass, 3_000);
      await expect(ready).resolves.toBeUndefined();
    } finally {
      await proxy.close();
      await database.drop();
    }
  });

  it('keeps what was committed through SIGKILL, also where nothing waits for the disk, and through a stop, on the port and with the password that it was given', async () => {
    const first = await startPostgres({ dataDir, password: 'p/s?' });
    await ask(first.url, 'create table kept (n int)');
    await ask(first.url, 'insert into kept values (1)');
    await first.kill();

    const disposable = await startPostgres({ dataDir, password: 'p/s?', isDisposable: true });
    expect(await ask(disposable.url, 'show fsync')).toEqual([{ fsync: 'off' }]);
    await ask(disposable.url, 'insert into kept values (2)');
    await disposable.kill();

    const second = await startPostgres({ dataDir, password: 'p/s?', port: first.port });
    expect(second.url).toBe(first.url);
    await ask(second.url, 'insert into kept values (3)');
    await second.stop();

    const third = await startPostgres({ dataDir, password: 'p/s?' });
    expect(await ask(third.url, 'select n from kept order by n')).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    await expect(ask(third.url.replace('p%2Fs%3F', 'wrong'), 'select 1')).rejects.toThrow(/password authentication failed/);
    expect(await ask(third.url, 'show fsync')).toEqual([{ fsync: 'on' }]);
    await third.stop();
    await expect(startPostgres({ dataDir, password: 'wrong' })).rejects.toThrow('was made with another password');
  });

  it('names the program that has the port', async () => {
    const running = await startPostgres({ dataDir: join(dir, 'first') });
    await expect(startPostgres({ dataDir: join(dir, 'second'), port: running.port })).rejects.toThrow(
      new RegExp(
        `^Port ${running.port}, which Postgres needs, is in use by postgres \\(process ${running.pid}\\). Stop that program, or set DATABASE_URL`,
      ),
    );
    await running.stop();
  });

  it('gives each test a database of its own and removes it under open sessions', async () => {
    const [one, two] = await Promise.all([testDatabase(), testDatabase()]);
    await one.query('create table mine (n int)');
    await expect(two.query('select * from mine')).rejects.toThrow(/does not exist/);
    const open = new Client({ connectionString: one.url });
    open.on('error', () => undefined); // being cut off is what this test does to it
    await open.connect();
    await one.drop();
    expect(await two.query('select 1 from pg_database where datname = $1', [one.name])).toEqual([]);
    await two.drop();
  });
});
