import { databaseOptions } from '@landfall/service-defaults';
import { testDatabase, until, type TestDatabase } from '@landfall/local';
import { Connection } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { inTransaction, run, TransactionAborted, TransactionOverdue, write, type Transaction } from './transaction';

let database: TestDatabase;
let source: DataSource;
beforeAll(async () => {
  database = await testDatabase();
  await database.query('create table note (id int primary key, about int references note deferrable initially deferred)');
  const options = databaseOptions('spec', { DATABASE_URL: database.url, DATABASE_SSL: undefined });
  const extra = { ...(options.extra as object), statement_timeout: 700 };
  source = await new DataSource({ ...options, poolSize: 2, poolErrorHandler: () => undefined, extra } as DataSourceOptions).initialize();
});
afterEach(() => database.query('delete from note'));
afterAll(async () => {
  await source?.destroy();
  await database?.drop();
});

const add = (tx: Transaction, id: number, about: number | null = null) => run(tx, 'insert into note values ($1, $2)', [id, about]);
const addLast = (tx: Transaction, id: number, about: number | null = null) => write(tx, 'insert into note values ($1, $2)', [id, about]);
const notes = async () => (await database.query<{ id: number }>('select id from note order by id')).map(({ id }) => id);
const kill = 'select pg_terminate_backend(pg_backend_pid())';
const works = (id: number) => inTransaction(source, (tx) => add(tx, id));

async function roundTrips(work: (tx: Transaction) => unknown): Promise<number> {
  await inTransaction(source, (tx) => work(tx) as Promise<void>).then(() => database.query('delete from note')); // its statements are prepared
  const sync = jest.spyOn(Connection.prototype, 'sync');
  await inTransaction(source, (tx) => work(tx) as Promise<void>);
  const { length } = sync.mock.calls;
  sync.mockRestore();
  return length;
}

it.each<[string, number, (tx: Transaction) => unknown]>([
  ['nothing, which asks nothing of Postgres', 0, () => undefined],
  ['one write, which goes with BEGIN and COMMIT', 1, (tx) => addLast(tx, 1)],
  ['a statement with BEGIN, and a write with COMMIT', 2, (tx) => add(tx, 1).then(() => addLast(tx, 2))],
  ['two statements, and COMMIT alone', 3, (tx) => add(tx, 1).then(() => add(tx, 2))],
  ['what is asked at the same time', 2, (tx) => Promise.all([add(tx, 1), add(tx, 2), add(tx, 3)])],
  ['writes that go with the statement behind them, in order', 2, (tx) => (addLast(tx, 1), add(tx, 2, 1))],
])('takes as few round trips as it has answers to wait for: %s', async (_, expected, work) => {
  expect(await roundTrips(work)).toBe(expected);
  expect(
    await database.query(`select from pg_stat_activity where state like 'idle in transaction%' and datname = current_database()`),
  ).toEqual([]);
});

it('takes a statement twice in one write also on a session that has not prepared it yet', async () => {
  const mine = Math.random();
  await inTransaction(source, (tx) => {
    for (const id of [1, 2]) write(tx, `insert into note values ($1) /* ${mine} */`, [id]);
  });
  expect(await notes()).toEqual([1, 2]);
});

it('takes nothing more once it is being committed', async () => {
  let late: Transaction | undefined;
  await inTransaction(source, (tx) => {
    late = tx;
    addLast(tx, 1);
  });
  await expect(add(late!, 2)).rejects.toThrow('has ended');
  expect(() => addLast(late!, 3)).toThrow('has ended');
  expect(await notes()).toEqual([1]);
});

it('gives the rows of its own statement, whatever goes with it', async () => {
  const rows = await inTransaction(source, async (tx) => {
    const first = await run(tx, `select $1::int as n, null as nothing, '{"a":1}'::json as json`, [1]);
    addLast(tx, 1);
    return [first, await run(tx, 'select id from note', []), await run(tx, 'update note set about = null where id = 7 returning id', [])];
  });
  expect(rows).toEqual([[{ n: 1, nothing: null, json: { a: 1 } }], [{ id: 1 }], []]);
});

describe('an error leaves nothing of the transaction, is thrown as it is, and leaves a session that works:', () => {
  it.each<[string, string, (tx: Transaction) => unknown]>([
    ['of the first statement', '23505', async (tx) => [await add(tx, 0), await add(tx, 1)]],
    ['of a statement in the middle', '23505', async (tx) => [await add(tx, 1), await add(tx, 0), await add(tx, 2)]],
    ['of the last write', '23505', async (tx) => [await add(tx, 1), addLast(tx, 0)]],
    ['of the only write', '23505', (tx) => addLast(tx, 0)],
    ['of a write before another statement', '23505', async (tx) => [addLast(tx, 0), await add(tx, 1)]],
    ['of a constraint that is deferred to COMMIT', '23503', async (tx) => [await add(tx, 1), addLast(tx, 2, 99)]],
    ['of such a one, with COMMIT alone', '23503', (tx) => add(tx, 1, 99)],
    ['of SQL that can not be read', '42601', async (tx) => [await add(tx, 1), await run(tx, 'selekt', [])]],
    ['of SQL that can not be read, as the first', '42601', (tx) => run(tx, 'selekt', [])],
    ['of a value', '22P02', (tx) => run(tx, 'select $1::uuid', ['none'])],
    ['of the time for a statement, as the first', '57014', (tx) => run(tx, 'select pg_sleep(3)', [])],
    ['of the time for a statement, as the last', '57014', async (tx) => [await add(tx, 1), write(tx, 'select pg_sleep(3)', [])]],
    ['of the caller', 'OURS', async (tx) => [await add(tx, 1), await Promise.reject(Object.assign(new Error('ours'), { code: 'OURS' }))]],
  ])('%s', async (_, code, work) => {
    await works(0);
    for (let time = 0; time < 2; time++)
      // the second time its statements are prepared
      await expect(inTransaction(source, (tx) => work(tx) as Promise<void>)).rejects.toMatchObject({ code });
    expect(await notes()).toEqual([0]);
    await Promise.all([works(5), works(6)]);
  });

  it('of a value that can not even be sent', async () => {
    const circular: { toPostgres?: unknown } = {};
    circular.toPostgres = () => circular;
    const unsendable = inTransaction(source, async (tx) => [await add(tx, 1), write(tx, 'select $1::text', [circular])]);
    await expect(unsendable).rejects.toThrow('circular reference');
    expect(await notes()).toEqual([]);
    await Promise.all([works(5), works(6)]);
  });
});

describe('an error that is caught and ignored inside it is noticed, and nothing is stored or runs outside of it:', () => {
  const ignored = (statement: Promise<unknown>) => statement.catch(() => undefined);
  it.each<[string, (tx: Transaction) => unknown]>([
    ['of the first statement', async (tx) => [await ignored(add(tx, 0)), await ignored(add(tx, 1)), addLast(tx, 2)]],
    ['of the second', async (tx) => [await add(tx, 1), await ignored(add(tx, 0)), addLast(tx, 2)]],
    ['of the second, with COMMIT alone', async (tx) => [await add(tx, 1), await ignored(add(tx, 0))]],
    ['of two at the same time', async (tx) => Promise.all([ignored(add(tx, 0)), ignored(add(tx, 1))])],
  ])('%s', async (which, work) => {
    await works(0);
    const swallowing = inTransaction(source, (tx) => work(tx) as Promise<void>);
    await (which.startsWith('of the second')
      ? expect(swallowing).rejects.toThrow(TransactionAborted)
      : expect(swallowing).rejects.toThrow('note_pkey'));
    expect(await notes()).toEqual([0]);
  });
});

it('lets nobody ask anything of it once it has ended', async () => {
  const late = Promise.withResolvers<void>();
  const asking: { later?: Promise<unknown> } = {};
  const failing = inTransaction(source, async (tx) => {
    await add(tx, 1);
    asking.later = late.promise.then(() => add(tx, 2));
    throw new Error('a fault');
  });
  await expect(failing).rejects.toThrow('a fault');
  late.resolve();
  await expect(asking.later).rejects.toThrow('the transaction has ended');
  expect(await notes()).toEqual([]);
});

describe('a connection that is cut fails the transaction, and never the next one:', () => {
  it.each<[string, (tx: Transaction) => unknown]>([
    ['in the first statement', (tx) => run(tx, kill, [])],
    ['in the middle', async (tx) => [await add(tx, 1), await run(tx, kill, []), await add(tx, 2)]],
    ['in the last write', async (tx) => [await add(tx, 1), write(tx, kill, [])]],
    ['in the only write', (tx) => write(tx, kill, [])],
    ['between two statements', async (tx) => [await add(tx, 1), await cutAll(), addLast(tx, 2)]],
    ['before COMMIT', async (tx) => [await add(tx, 1), await cutAll()]],
  ])('%s', async (_, work) => {
    await Promise.all([works(5), works(6)]);
    const cut = inTransaction(source, (tx) => work(tx) as Promise<void>);
    await expect(cut).rejects.toThrow(/terminat|not queryable/i);
    await Promise.all([works(7), works(8)]);
    expect(await notes()).toEqual([5, 6, 7, 8]);
  });

  const cutAll = async () => {
    const others = `from pg_stat_activity where datname = current_database() and application_name = 'spec'`;
    await database.query(`select pg_terminate_backend(pid) ${others}`);
    await until(async () => (await database.query(`select 1 ${others}`)).length === 0);
    await new Promise((resolve) => setTimeout(resolve, 50)); // until our side has heard of it
  };
});

it('is overdue also while no session is free, and takes none for good', async () => {
  const release = Promise.withResolvers<void>();
  const holders = [1, 2].map((id) => inTransaction(source, async (tx) => [await add(tx, id), await release.promise]));
  await expect(inTransaction(source, (tx) => add(tx, 3), 100)).rejects.toThrow(TransactionOverdue);
  release.resolve();
  await Promise.all(holders);
  await Promise.all([4, 5, 6].map(works));
  expect(await notes()).toEqual([1, 2, 4, 5, 6]);
});

it('is overdue in the middle of a statement, whose session is thrown away', async () => {
  await expect(inTransaction(source, async (tx) => [await add(tx, 1), await run(tx, 'select pg_sleep(3)', [])], 100)).rejects.toThrow(
    TransactionOverdue,
  );
  await Promise.all([4, 5, 6].map(works));
  expect(await notes()).toEqual([4, 5, 6]);
});
