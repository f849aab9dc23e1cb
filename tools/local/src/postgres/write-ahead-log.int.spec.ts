import { testDatabase, type TestDatabase } from '../testing/test-database';
import { WriteAheadLog, type WrittenTransactions } from './write-ahead-log';

describe('the log of Postgres', () => {
  let database: TestDatabase;
  let log: WriteAheadLog;

  beforeAll(async () => {
    database = await testDatabase();
    await database.query(`
      create schema one; create schema other;
      create table one.thing (id int primary key, text text not null);
      create table one.outbox (id int, day date) partition by range (day);
      create table one.outbox_2026_01_01 partition of one.outbox for values from ('2026-01-01') to ('2026-01-02');
      create table other.thing (id int primary key)`);
    log = await WriteAheadLog.connect(database.url);
  });

  afterAll(async () => {
    await log.close();
    await database.drop();
  });

  async function writtenBy(work: () => Promise<unknown>): Promise<WrittenTransactions[]> {
    const from = await log.end();
    await work();
    return log.between(from, await log.end());
  }

  it('tells commits and rows by schema, and which tables a transaction wrote together', async () => {
    const written = await writtenBy(async () => {
      for (const id of [1, 2])
        await database.query(
          `begin; insert into one.thing values (${id}, 'a'); insert into one.outbox values (${id}, '2026-01-01'); commit`,
        );
      await database.query(`update one.thing set text = 'b'`);
      await database.query('delete from one.thing where id = 1');
      await database.query('insert into other.thing select generate_series(1, 3)');
    });
    const counted = written.map(({ schema, rows, transactions }) => ({ schema, rows, transactions }));
    expect(counted).toHaveLength(4);
    expect(counted).toEqual(
      expect.arrayContaining([
        { schema: 'one', rows: { thing: 1, outbox: 1 }, transactions: 2 },
        { schema: 'one', rows: { thing: 2 }, transactions: 1 },
        { schema: 'one', rows: { thing: 1 }, transactions: 1 },
        { schema: 'other', rows: { thing: 3 }, transactions: 1 },
      ]),
    );
  });

  it('knows nothing of what only read, of what was taken back, and of other databases', async () => {
    const elsewhere = await testDatabase();
    const written = await writtenBy(async () => {
      await database.query('select * from one.thing');
      await database.query(`begin; update one.thing set text = 'c'; rollback`);
      await elsewhere.query('create table thing (id int); insert into thing values (1)');
    });
    await elsewhere.drop();
    expect(written).toEqual([]);
  });

  it('tells a transaction that only locks a row, which is a commit that waits for the disk as well', async () => {
    const written = await writtenBy(() => database.query('select * from one.thing for update'));
    expect(written).toMatchObject([{ schema: 'one', rows: {}, transactions: 1 }]);
  });

  it('counts a long value as part of its row, and leaves out the whole pages that follow a checkpoint', async () => {
    const long = (id: number) => () =>
      database.query(`insert into one.thing select ${id}, string_agg(md5(n::text), '') from generate_series(1, 200) n`);
    const [first] = await writtenBy(long(10));
    await database.query('checkpoint');
    const [second] = await writtenBy(long(11));
    expect([first, second]).toMatchObject([{ rows: { thing: 1 } }, { rows: { thing: 1 } }]);
    expect(first!.bytes).toBeGreaterThan(6_400);
    expect(Math.abs(second!.bytes - first!.bytes)).toBeLessThan(500);
  });
});
