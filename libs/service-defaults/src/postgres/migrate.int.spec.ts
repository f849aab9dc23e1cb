import { testDatabase, type TestDatabase } from '@landfall/local';
import { Client } from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { applyMigrations, migrate } from './migrate';
import { MigrationImpossible } from './migration.errors';

class CreateOrders1760000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table orders.orders (id bigint generated always as identity primary key, label text)');
    await runner.query('create sequence orders.numbers');
    await runner.query('create table orders.outbox (id int)');
    await runner.query('revoke insert, update, delete on orders.outbox from public, landfall_orders');
    await runner.query(
      `create function orders.append(int) returns void language sql security definer set search_path = '' as 'insert into orders.outbox values ($1)'`,
    );
  }
  async down(): Promise<void> {}
}
class AddNotes1760000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table orders.notes (note text)');
  }
  async down(): Promise<void> {}
}
class CreateShipments1760000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table shipments.shipments (id int)');
    await runner.query(
      `create function shipments.peek() returns bigint language sql security definer set search_path = '' as 'select count(*) from shipments.shipments'`,
    );
  }
  async down(): Promise<void> {}
}

describe('migrations', () => {
  let database: TestDatabase;
  let orders: Client;
  const urlOf = (role: string, password = `${role}:pa/ss`) => {
    const url = new URL(database.url);
    [url.username, url.password] = [role, encodeURIComponent(password)];
    return url.href;
  };
  const ordersPlan = () => ({
    migrationUrl: database.url,
    serviceUrl: urlOf('landfall_orders'),
    schema: 'orders',
    migrations: [CreateOrders1760000000001],
  });
  const shipmentsPlan = () => ({
    migrationUrl: database.url,
    serviceUrl: urlOf('landfall_shipments'),
    schema: 'shipments',
    migrations: [CreateShipments1760000000001],
  });
  const denied = { code: '42501' };

  beforeAll(async () => {
    database = await testDatabase();
    await Promise.all([applyMigrations(ordersPlan()), applyMigrations(shipmentsPlan()), applyMigrations(ordersPlan())]);
    orders = new Client({ connectionString: urlOf('landfall_orders') });
    await orders.connect();
  });
  afterAll(async () => {
    await orders.end();
    await database.drop();
  });

  it('runs each migration once, however many processes run them at once', async () => {
    expect(await database.query('select name from orders.migrations')).toEqual([{ name: 'CreateOrders1760000000001' }]);
    expect(await applyMigrations(ordersPlan())).toEqual([]);
  });

  it('lets a service use its own tables, sequences and functions', async () => {
    await orders.query(`insert into orders.orders (label) values ('a')`);
    await orders.query(`update orders.orders set label = 'b'`);
    await orders.query(`select nextval('orders.numbers')`);
    await orders.query('select orders.append(1)');
    expect((await orders.query('select label from orders.orders')).rows).toEqual([{ label: 'b' }]);
    await orders.query('delete from orders.orders');
  });

  it('keeps a service out of every other schema', async () => {
    await expect(orders.query('select * from shipments.shipments')).rejects.toMatchObject(denied);
    await expect(orders.query('select shipments.peek()')).rejects.toMatchObject(denied);
    await database.query('grant usage on schema shipments to landfall_orders'); // even where somebody opens the schema by mistake
    await expect(orders.query('select * from shipments.shipments')).rejects.toMatchObject(denied);
    await expect(orders.query('select shipments.peek()')).rejects.toMatchObject(denied);
    await database.query('revoke usage on schema shipments from landfall_orders');
  });

  it.each([
    'create table orders.mine (n int)',
    'create table public.mine (n int)',
    'create temporary table mine (n int)',
    'create schema mine',
    'alter table orders.orders add column mine int',
    'drop table orders.orders',
    'truncate orders.orders',
    'create role mine',
  ])('lets a service define nothing: %s', async (statement) => {
    await expect(orders.query(statement)).rejects.toMatchObject({ code: expect.stringMatching(/^42501$/) });
  });

  it('does not give back what a migration took away, also when migrations run again', async () => {
    await applyMigrations({ ...ordersPlan(), migrations: [CreateOrders1760000000001, AddNotes1760000000002] });
    await expect(orders.query('insert into orders.outbox values (2)')).rejects.toMatchObject(denied);
    expect((await orders.query('select id from orders.outbox')).rows).toEqual([{ id: 1 }]);
    await orders.query(`insert into orders.notes values ('granted from the start')`);
  });

  it("keeps the record of migrations out of the service's hands", async () => {
    await expect(orders.query('delete from orders.migrations')).rejects.toMatchObject(denied);
  });

  it('gives the role the password that DATABASE_URL has now', async () => {
    await applyMigrations({ ...shipmentsPlan(), serviceUrl: urlOf('landfall_shipments', 'changed') });
    const client = new Client({ connectionString: urlOf('landfall_shipments', 'changed') });
    await client.connect();
    await client.end();
    await expect(new Client({ connectionString: urlOf('landfall_shipments') }).connect()).rejects.toThrow(/password authentication failed/);
  });

  it('leaves nothing half done where a migration fails', async () => {
    class Broken1760000000009 implements MigrationInterface {
      async up(runner: QueryRunner): Promise<void> {
        await runner.query('create table orders.half (n int)');
        await runner.query('select nonsense');
      }
      async down(): Promise<void> {}
    }
    await expect(
      applyMigrations({ ...ordersPlan(), migrations: [CreateOrders1760000000001, AddNotes1760000000002, Broken1760000000009] }),
    ).rejects.toThrow(/nonsense/);
    expect(await database.query(`select to_regclass('orders.half') as half`)).toEqual([{ half: null }]);
    expect(await applyMigrations(ordersPlan())).toEqual([]); // the lock is free again
  });

  it('frees its locks in time where its host vanishes, its process hangs or a statement takes too long', async () => {
    class ShowSettings1760000000003 implements MigrationInterface {
      async up(runner: QueryRunner): Promise<void> {
        await runner.query(`create table orders.shown as select name, setting from pg_settings
          where name like 'tcp\\_%' or name in ('client_connection_check_interval', 'statement_timeout', 'idle_in_transaction_session_timeout')`);
      }
      async down(): Promise<void> {}
    }
    const migrations = [CreateOrders1760000000001, AddNotes1760000000002, ShowSettings1760000000003];
    expect(await applyMigrations({ ...ordersPlan(), migrations })).toHaveLength(1);
    expect(await database.query('select name, setting from orders.shown order by name')).toEqual([
      { name: 'client_connection_check_interval', setting: '250' },
      { name: 'idle_in_transaction_session_timeout', setting: '300000' },
      { name: 'statement_timeout', setting: '1800000' },
      { name: 'tcp_keepalives_count', setting: '3' },
      { name: 'tcp_keepalives_idle', setting: '10' },
      { name: 'tcp_keepalives_interval', setting: '5' },
      { name: 'tcp_user_timeout', setting: '20000' },
    ]);
  });

  it.each<[string, () => Partial<ReturnType<typeof ordersPlan>>]>([
    ['both log in as', () => ({ serviceUrl: database.url })],
    ['has no password', () => ({ serviceUrl: urlOf('landfall_orders', '') })],
    ['is no name for a schema', () => ({ schema: 'Orders; drop' })],
    ['MIGRATION_DATABASE_URL cannot be used: password authentication failed', () => ({ migrationUrl: urlOf('postgres', 'wrong') })],
  ])('says what to change: %s', async (sentence, change) => {
    const attempt = applyMigrations({ ...ordersPlan(), ...change() });
    await expect(attempt).rejects.toThrow(MigrationImpossible);
    await expect(attempt).rejects.toThrow(sentence);
  });

  it('refuses a service role that no grant binds', async () => {
    await database.query(`create role landfall_super superuser login password 'x'`);
    await expect(applyMigrations({ ...ordersPlan(), serviceUrl: urlOf('landfall_super', 'x') })).rejects.toThrow(
      'a superuser, whom no grant binds',
    );
    await database.query('drop role landfall_super');
  });

  it('names every missing setting when it runs as a process, and asks for no other setting of the service', async () => {
    const written = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    await migrate({ config: { name: 'orders' }, schema: 'orders', migrations: [] });
    expect(written.mock.calls.join('')).toMatch(
      /orders's migration cannot start: 2 settings are wrong\.\n {2}- MIGRATION_DATABASE_URL is not set.*\n {2}- DATABASE_URL is not set/,
    );
    expect(process.exitCode).toBe(78);
    process.exitCode = 0;
    written.mockRestore();
  });
});
