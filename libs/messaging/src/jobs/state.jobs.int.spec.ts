import { startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { close, paid, pay } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { lockAccounts, saveAccounts, type Account } from '../fixtures/ledger.service';
import type { Effect } from '../handlers/outcome';
import type { FaultPoint } from '../ports';
import { UnitOfWork } from '../unit-of-work';
import { again, done, endsOn, type EndOn, type JobOf } from './job.definition';

let database: LedgerDatabase;
let app: LedgerApp;
let reach: (point: FaultPoint) => void | Promise<void> = () => undefined;
const told: string[] = [];

beforeAll(async () => {
  database = await ledgerDatabase();
  app = await startLedger({ url: database.serviceUrl, reach: (point) => reach(point) });
});
beforeEach(async () => {
  reach = () => undefined;
  told.splice(0);
  for (const table of ['job', 'outbox', 'accounts']) await database.query(`delete from ledger.${table}`);
});
afterAll(async () => {
  await app?.stop();
  await database?.drop();
});

const accounts = { load: lockAccounts, save: saveAccounts };
const ask = (...effects: Effect[]) => app.get(UnitOfWork).inTransaction(async (_tx, append) => append(effects));
const stored = async () =>
  (await database.query('select id, total, version from ledger.accounts order by id')) as unknown as readonly Account[];
const sent = async () =>
  ((await app.driver.sent('0')).envelopes as { subject: string; data: { amount: number } }[]).map(({ data }) => data.amount);

/** The end of a payment, booked on its account as that is by then. */
const booked =
  ({ payload: { account: id, amount } }: JobOf<typeof pay>) =>
  (known: Account | undefined): EndOn<Account> => ({
    state: { id, total: (known?.total ?? 0) + amount, version: (known?.version ?? 0) + 1 },
    effects: [paid({ account: id, amount })],
    outcome: done(),
    recorded: () => void told.push(id),
  });
const bookEach = () => {
  app.behaviour.pay = (job) => Promise.resolve(endsOn(accounts, job.payload.account, booked(job)));
};

it('records the ends of many runs and the states that they are decided on in one transaction', async () => {
  bookEach();
  await ask(...['b', 'a', 'c'].map((account) => pay({ account, amount: 5 })));
  const transactions = new Set<string>();
  accounts.save = async (tx, states) => {
    await saveAccounts(tx, states);
    transactions.add(states.map(({ id }) => id).join());
  };
  expect(await app.driver.perform()).toBe(3);
  accounts.save = saveAccounts;
  expect(await stored()).toEqual(['a', 'b', 'c'].map((id) => ({ id, total: 5, version: 1 })));
  expect(transactions).toEqual(new Set(['a,b,c']));
  expect(await sent()).toEqual([5, 5, 5]);
  expect(told).toEqual(['b', 'a', 'c']);
  expect(await app.driver.jobs()).toEqual([]);
});

it('decides one after the other where the ends of two runs are about one state', async () => {
  app.behaviour.pay = (job) =>
    Promise.resolve(endsOn(accounts, 'shared', booked({ ...job, payload: { ...job.payload, account: 'shared' } })));
  await ask(pay({ account: 'a', amount: 1 }), pay({ account: 'b', amount: 2 }));
  await app.driver.perform();
  expect(await stored()).toEqual([{ id: 'shared', total: 3, version: 2 }]);
});

it('decides on what the state is when the end is recorded, not on what it was when the run began', async () => {
  app.behaviour.pay = async (job) => {
    await database.query(`insert into ledger.accounts values ('a', 100, 7)`);
    return endsOn(accounts, 'a', booked(job));
  };
  await ask(pay({ account: 'a', amount: 1 }));
  await app.driver.perform();
  expect(await stored()).toEqual([{ id: 'a', total: 101, version: 8 }]);
});

it('commits the effects of a run that goes on', async () => {
  app.behaviour.pay = (job) =>
    Promise.resolve(endsOn(accounts, 'a', (known) => ({ ...booked(job)(known), outcome: again({ afterMs: 60_000 }, 'to be continued') })));
  await ask(pay({ account: 'a', amount: 1 }));
  await app.driver.perform();
  expect(await sent()).toEqual([1]);
  expect(await app.driver.jobs()).toMatchObject([{ key: 'a', state: 'ready', attempts: 1, lastError: 'to be continued' }]);
});

it('changes nothing where the job is another’s by then, and says nothing of it', async () => {
  app.behaviour.pay = async (job) => {
    if (job.payload.account === 'lost') await database.query(`update ledger.job set attempts = attempts + 1 where key = 'lost'`);
    return endsOn(accounts, job.payload.account, booked(job));
  };
  await ask(pay({ account: 'kept', amount: 1 }), pay({ account: 'lost', amount: 2 }));
  await app.driver.perform();
  expect(await stored()).toEqual([{ id: 'kept', total: 1, version: 1 }]);
  expect(await sent()).toEqual([1]);
  expect(told).toEqual(['kept']);
});

it('records nothing of an end whose transaction is cut off, and performs the job again', async () => {
  bookEach();
  await ask(pay({ account: 'a', amount: 1 }));
  let cuts = 0;
  reach = async (point) => {
    if (point === 'job.before-commit' && cuts++ === 0) await database.cutSessions();
  };
  await app.driver.perform();
  expect(cuts).toBe(2);
  expect(await stored()).toEqual([{ id: 'a', total: 1, version: 1 }]);
  expect(await sent()).toEqual([1]);
});

it.each([
  ['its decision throws', true],
  ['its state can’t be stored', false],
])('tries a run again later where %s, and the others are recorded', async (_case, isThrowing) => {
  app.behaviour.pay = (job) =>
    Promise.resolve(
      endsOn(accounts, job.payload.account, (known) => {
        if (job.payload.account !== 'odd') return booked(job)(known);
        if (isThrowing) throw new Error('it can’t be decided');
        return { ...booked(job)(known), state: { id: 'odd', total: -1, version: 1 } }; // the table refuses it
      }),
    );
  await ask(...['a', 'odd', 'z'].map((account) => pay({ account, amount: 1 })));
  await app.driver.perform();
  expect((await stored()).map(({ id }) => id)).toEqual(['a', 'z']);
  expect(await sent()).toEqual([1, 1]);
  expect(await app.driver.jobs()).toMatchObject([{ key: 'odd', state: 'ready', attempts: 1 }]);
});

it('lets a job die by its decision, with what its kind does then', async () => {
  app.behaviour.close = () => Promise.resolve(endsOn(accounts, 'a', () => ({ effects: [], outcome: { kind: 'dead', reason: 'gone' } })));
  await ask(close({ account: 'a' }));
  await app.driver.perform();
  expect(await app.driver.jobs()).toMatchObject([{ key: 'a', state: 'dead' }]);
});
