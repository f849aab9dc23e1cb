import { startTcpProxy, testDatabase, until, type TcpProxy, type TestDatabase } from '@landfall/local';
import type { Client } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { checkDatabase, databaseOptions } from './database';
import { openSession, type DatabaseSession } from './session';

let database: TestDatabase;
let role: string;
let url: string;
let proxy: TcpProxy;
const opened: DataSource[] = [];
beforeAll(async () => {
  database = await testDatabase();
  role = `role_${database.name}`;
  await database.query(`create role ${role} login password 'only-for-tests'`);
  await database.query(`create table notes (note text); grant insert, select on notes to ${role}`);
  const serviceUrl = new URL(database.url);
  [serviceUrl.username, serviceUrl.password] = [role, 'only-for-tests'];
  url = serviceUrl.href;
  proxy = await startTcpProxy({ port: Number(serviceUrl.port) });
});
afterEach(async () => {
  proxy.pass();
  await Promise.all(opened.splice(0).map((source) => source.destroy()));
  await onlyReads(false);
});
afterAll(async () => {
  await proxy?.close();
  await database?.query(`drop owned by ${role}`);
  await database?.query(`drop role ${role}`);
  await database?.drop();
});

/** The pool of a service as `ServiceModule` makes it. */
async function pool(databaseUrl = url, extra: object = {}): Promise<DataSource> {
  const options = databaseOptions('spec', { DATABASE_URL: databaseUrl, DATABASE_SSL: undefined });
  const source = new DataSource({ ...options, extra: { ...(options.extra as object), ...extra } } as DataSourceOptions);
  opened.push(await source.initialize());
  return source;
}

/** From now on sessions of the role begin read-only; those that are open stay what they are, as after a fail-over. */
const onlyReads = (yes: boolean) =>
  database.query(`alter role ${role} in database ${database.name} set default_transaction_read_only = ${yes ? 'on' : 'off'}`);
const write = (source: DataSource) => source.transaction((tx) => tx.query(`insert into notes values ('kept')`));
const inUse = (source: DataSource, count: number) => Promise.all(Array.from({ length: count }, () => source.query('select pg_sleep(0.1)')));
const sessions = async () =>
  (await database.query<{ count: number }>(`select count(*)::int from pg_stat_activity where usename = $1`, [role]))[0]!.count;

describe('a session that only reads since a fail-over', () => {
  it('is thrown away with all that are as old, so that everything works once the database can be written, whatever is still open', async () => {
    await onlyReads(true);
    const source = await pool();
    await inUse(source, 12);
    expect(await sessions()).toBe(12); // the whole pool, and all of it read-only
    await onlyReads(false);
    await expect(write(source)).rejects.toThrow('read-only transaction'); // the one that meets it
    const written = await Promise.allSettled(Array.from({ length: 50 }, () => write(source)));
    expect(written.filter(({ status }) => status === 'rejected')).toEqual([]);
  });

  it('is thrown away also where whoever used it is called back', async () => {
    await onlyReads(true);
    const session = openSession(await pool(), 'spec holder');
    session.on('error', () => undefined);
    const ill = new Promise((resolve) => session.once('ill' as 'end', resolve as () => void));
    await session.connect();
    const error = await new Promise<Error>((resolve) => void session.query(`insert into notes values ('lost')`, resolve));
    expect(error.message).toContain('read-only transaction');
    expect(await ill).toBe(error);
  });

  it('fails readiness, which throws it away as well', async () => {
    await onlyReads(true);
    const source = await pool();
    await inUse(source, 12);
    await expect(checkDatabase(source)).rejects.toThrow('the database is read-only');
    await expect(checkDatabase(source)).rejects.toThrow('the database is read-only');
    await onlyReads(false);
    await checkDatabase(source);
    await write(source);
  });
});

describe('a session without an answer', () => {
  it('is thrown away with all that are as old, after the limit and not after one for each statement that follows', async () => {
    const source = await pool(proxy.through(url), { query_timeout: 1_500 });
    await inUse(source, 12);
    proxy.swallow();
    const startedAt = performance.now();
    await expect(write(source)).rejects.toThrow('Query read timeout');
    expect(performance.now() - startedAt).toBeGreaterThan(1_400);
    proxy.pass();
    proxy.cut();
    await Promise.all(Array.from({ length: 50 }, () => write(source)));
  });

  it('fails readiness', async () => {
    const source = await pool(proxy.through(url), { query_timeout: 500 });
    await checkDatabase(source);
    proxy.swallow();
    await expect(checkDatabase(source)).rejects.toThrow('Query read timeout');
  });

  it('ends in a bounded time although the server does not say goodbye', async () => {
    const source = await pool(proxy.through(url));
    const session = openSession(source, 'spec holder');
    session.on('error', () => undefined);
    await session.connect();
    proxy.swallow();
    await session.end();
  });
});

describe('what the server knows of every connection', () => {
  const settings = [
    'application_name',
    'client_connection_check_interval',
    'idle_in_transaction_session_timeout',
    'statement_timeout',
    'synchronous_commit',
    'tcp_keepalives_count',
    'tcp_keepalives_idle',
    'tcp_keepalives_interval',
    'tcp_user_timeout',
  ];
  const expected = { idle_in_transaction_session_timeout: '30000', statement_timeout: '15000', synchronous_commit: 'on' };
  const keepalive = { tcp_keepalives_count: '3', tcp_keepalives_idle: '10', tcp_keepalives_interval: '5', tcp_user_timeout: '20000' };
  const dropped = { client_connection_check_interval: '250' };
  const question = `select name, setting from pg_settings where name = any($1)`;
  const asObject = (rows: { name: string; setting: string }[]) => Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));

  it('of the pool', async () => {
    const source = await pool();
    const rows = await source.query<{ name: string; setting: string }[]>(question, [settings]);
    expect(asObject(rows)).toEqual({ application_name: 'spec', ...expected, ...keepalive, ...dropped });
  });

  it('of a session beside the pool', async () => {
    const session: Client = openSession(await pool(), 'spec holder');
    await session.connect();
    const { rows } = await session.query<{ name: string; setting: string }>(question, [settings]);
    await session.end();
    expect(asObject(rows)).toEqual({ application_name: 'spec holder', ...expected, ...keepalive, ...dropped });
  });
});

/**
 * Only the limit of an idle transaction can be seen at work here: to a keepalive the system of this machine answers, whatever is swallowed above it. That the
 * server was told of those is seen above.
 */
it('frees the locks of a transaction whose client fell silent', async () => {
  const source = await pool();
  const session = openSession(await pool(proxy.through(url)), 'spec holder', { idle_in_transaction_session_timeout: 500 });
  session.on('error', () => undefined);
  await session.connect();
  await session.query('begin');
  await session.query('select pg_advisory_xact_lock(4711)');
  proxy.swallow();
  await until(async () => (await source.query<{ free: boolean }[]>('select pg_try_advisory_xact_lock(4711) as free'))[0]!.free);
  await session.end();
});

it('frees the locks of a statement whose session was thrown away', async () => {
  const source = await pool();
  const session = openSession(source, 'spec holder', { statement_timeout: 0, query_timeout: 0 });
  session.on('error', () => undefined);
  await session.connect();
  await session.query('begin');
  await session.query('select pg_advisory_xact_lock(4712)');
  const sleeping = session.query('select pg_sleep(600)');
  (session as DatabaseSession).discard(new Error('it took too long'));
  await expect(sleeping).rejects.toThrow();
  await until(async () => (await source.query<{ free: boolean }[]>('select pg_try_advisory_xact_lock(4712) as free'))[0]!.free);
});
