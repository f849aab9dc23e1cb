import { startLedger, type LedgerApp } from './fixtures/ledger.app';
import { pay, totalChanged } from './fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from './fixtures/ledger.database';
import { lockAccounts, saveAccounts, type Account } from './fixtures/ledger.service';
import { run } from './transaction';
import { UnitOfWork, Refused } from './unit-of-work';
import { changed, ignored, notYet, refused, type Effect, type Outcome } from './handlers/outcome';
import { Outbox } from './outbox/outbox';

let database: LedgerDatabase;
let app: LedgerApp;
beforeAll(async () => {
  database = await ledgerDatabase();
  app = await startLedger({ url: database.serviceUrl });
});
beforeEach(async () => {
  for (const table of ['accounts', 'job', 'outbox']) await database.query(`delete from ledger.${table}`);
});
afterAll(async () => {
  await app?.stop();
  await database?.drop();
});

const changedTo = (total: number) => totalChanged({ account: 'a', total, version: 1 });
const ask = (decide: (account?: Account) => Outcome<Account>, cause?: { id: string }) =>
  app.get(UnitOfWork).transaction('a', { cause, load: (tx) => lockAccounts(tx, ['a']), decide, save: saveAccounts });
const outbox = async () =>
  (await app.driver.sent('0')).envelopes as { id: string; causationid: string; correlationid: string; data: { total: number } }[];
const total = async () => (await database.query<{ total: number }>('select total from ledger.accounts'))[0]?.total;

it('writes state, messages and jobs of an HTTP endpoint together', async () => {
  await ask(
    (account) => changed({ id: 'a', total: (account?.total ?? 0) + 1, version: 1 }, changedTo(1), pay({ account: 'a', amount: 1 })),
    {
      id: 'request-1',
    },
  );
  expect(await total()).toBe(1);
  expect(await outbox()).toMatchObject([{ data: { total: 1 }, causationid: 'request-1', correlationid: 'request-1' }]);
  expect(await app.driver.jobs()).toMatchObject([{ kind: 'pay' }]);
});

it('answers a refusal as 409 with its reason, saves no state, and still publishes the effects of the refusal', async () => {
  const refusal = ask(() => refused('too many seats', changedTo(9)));
  await expect(refusal).rejects.toThrow(Refused);
  const error = (await refusal.catch((caught: unknown) => caught)) as Refused;
  expect([error.getStatus(), error.message, error.code]).toEqual([409, 'too many seats', 'REFUSED']);
  await expect(ask(() => notYet('no account yet'))).rejects.toMatchObject({
    reason: 'no account yet',
    code: 'NOT_YET',
    retryAfterMs: 2000,
  });
  expect(await total()).toBeUndefined();
  expect(await outbox()).toMatchObject([{ data: { total: 9 } }]);
  expect(await ask(() => ignored('nothing new'))).toMatchObject({ kind: 'ignored' });
});

it('runs a transaction again that Postgres sacrificed to another one', async () => {
  let runs = 0;
  const result = await app.get(UnitOfWork).inTransaction(async (_tx, append) => {
    append([changedTo(++runs)]);
    if (runs < 3) throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
    return runs;
  });
  expect(result).toBe(3);
  expect(await outbox()).toMatchObject([{ data: { total: 3 } }]);
  await expect(app.get(UnitOfWork).inTransaction(() => Promise.reject(new Error('a fault')))).rejects.toThrow('a fault');
});

it('gives every effect of one cause an id of its own, also when they are appended in parts', async () => {
  await app.get(UnitOfWork).inTransaction((_tx, append) => {
    append([changedTo(1), changedTo(2)], { id: 'cause' });
    append([changedTo(3)], { id: 'cause' });
    append([changedTo(4)], { id: 'another' });
    return Promise.resolve();
  });
  const ids = (await outbox()).map(({ id }) => id);
  expect(new Set(ids).size).toBe(4);
  expect((await outbox()).map(({ data }) => data.total)).toEqual([1, 2, 3, 4]);
});

it('writes what was appended after everything else that the transaction does', async () => {
  await app.get(UnitOfWork).inTransaction(async (tx, append) => {
    append([changedTo(1)]);
    await run(tx, `insert into ledger.accounts values ('a', 1, 1)`, []);
    expect(await run(tx, 'select 1 from pg_locks where locktype = $1 and pid = pg_backend_pid()', ['advisory'])).toEqual([]); // no partition is locked yet
  });
  expect(await outbox()).toHaveLength(1);
});

it.each(['ends', 'fails'])('tells nobody of a commit before what its caller does first %s, and gives the result at once', async (end) => {
  const [outbox, doing] = [app.get(Outbox), Promise.withResolvers<void>()];
  const before = outbox.commits;
  const work = (_tx: unknown, append: (effects: Effect[]) => void) => Promise.resolve(append([changedTo(1)]));
  await app.get(UnitOfWork).inTransaction(work, { announceAfter: () => doing.promise });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(outbox.commits).toBe(before);
  if (end === 'ends') doing.resolve();
  else doing.reject(new Error('it failed'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(outbox.commits).toBe(before + 1);
});
