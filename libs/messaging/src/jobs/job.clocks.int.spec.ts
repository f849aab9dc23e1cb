import { startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { audit, pay, remind } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { eventually } from '../fixtures/messages';
import type { Effect } from '../handlers/outcome';
import { multiplyRows, pagesRead } from '../testing/pages.read';
import { UnitOfWork } from '../unit-of-work';
import { again, done } from './job.definition';
import { claimStatement } from './job.repository';
import { JobRunner } from './job.runner';

const OFF_MS = 90_000;

let database: LedgerDatabase;
let ahead: LedgerApp;
let behind: LedgerApp;

beforeAll(async () => {
  database = await ledgerDatabase();
  ahead = await startLedger({ url: database.serviceUrl, clockOffMs: OFF_MS });
  behind = await startLedger({ url: database.serviceUrl, instance: 'ledger-1', clockOffMs: -OFF_MS });
});
beforeEach(async () => {
  for (const { behaviour } of [ahead, behind]) behaviour.pay = () => Promise.resolve(done());
  await database.query('delete from ledger.job');
});
afterAll(async () => {
  await ahead?.stop();
  await behind?.stop();
  await database?.drop();
});

const ask = (app: LedgerApp, ...effects: Effect[]) =>
  app.get(UnitOfWork).inTransaction(async (_tx, append) => {
    append(effects);
  });
const inBothOrders = () =>
  [
    [ahead, behind],
    [behind, ahead],
  ] as const;
/** How long until the only job is due, by the database's clock. */
const dueInMs = async () =>
  Number((await database.query(`select round(extract(epoch from run_at - now()) * 1000) as ms from ledger.job`))[0]!['ms']);

it('performs at once, on any copy, what another one asked for at once', async () => {
  for (const [one, other] of inBothOrders()) {
    await ask(one, pay({ account: 'a', amount: 1 }));
    expect(await other.driver.perform()).toBe(1);
  }
});

it('performs a job on any copy when its delay is over, and not before', async () => {
  for (const [one, other] of inBothOrders()) {
    await ask(one, pay({ account: 'a', amount: 1 }, { afterMs: 60_000 }));
    expect(await other.driver.perform()).toBe(0);
    expect(await dueInMs()).toBeGreaterThan(30_000);
    await database.query('delete from ledger.job');

    await ask(one, pay({ account: 'a', amount: 1 }, { afterMs: 200 }));
    await eventually(async () => (await other.driver.perform()) === 1);
  }
});

it('runs a job again on any copy when its pause is over, and not before', async () => {
  for (const [one, other] of inBothOrders()) {
    await ask(one, pay({ account: 'a', amount: 1 }));
    one.behaviour.pay = () => Promise.resolve(again({ afterMs: 200 }, 'soon'));
    await one.driver.perform();
    other.behaviour.pay = () => Promise.resolve(again({ afterMs: 60_000 }, 'later'));
    await eventually(async () => (await other.driver.perform()) === 1);
    expect(await one.driver.perform()).toBe(0);
    expect(await dueInMs()).toBeGreaterThan(30_000);
    await database.query('delete from ledger.job');
  }
});

it('backs off for as long as it should, whichever copy failed', async () => {
  for (const [one, other] of inBothOrders()) {
    await ask(one, pay({ account: 'a', amount: 1 }));
    one.behaviour.pay = () => Promise.reject(Object.assign(new Error('429'), { retryAfterMs: 20_000 }));
    await one.driver.perform();
    expect(await dueInMs()).toBeGreaterThan(10_000);
    expect(await dueInMs()).toBeLessThanOrEqual(20_000);
    expect(await other.driver.perform()).toBe(0);
    await database.query('delete from ledger.job');
  }
});

it('tells a job its age by the database’s clock', async () => {
  const ages: number[] = [];
  for (const [one, other] of inBothOrders()) {
    other.behaviour.pay = ({ ageMs }) => (ages.push(ageMs), Promise.resolve(done()));
    await ask(one, pay({ account: 'a', amount: 1 }));
    await database.query(`update ledger.job set created_at = created_at - interval '10 s'`);
    await other.driver.perform();
  }
  expect(ages).toEqual([expect.any(Number), expect.any(Number)]);
  for (const ageMs of ages) {
    expect(ageMs).toBeGreaterThanOrEqual(10_000);
    expect(ageMs).toBeLessThan(10_000 + OFF_MS);
  }
});

it('keeps of two drafts of one job the sooner, also where they are in one decision', async () => {
  await ask(ahead, audit({ account: 'a', wish: 1 }, { afterMs: 60_000 }), audit({ account: 'a', wish: 2 }, { afterMs: 40_000 }));
  expect(await dueInMs()).toBeLessThanOrEqual(40_000);
  await ask(behind, audit({ account: 'a', wish: 3 }, { afterMs: 20_000 }));
  expect(await dueInMs()).toBeLessThanOrEqual(20_000);
  await ask(behind, audit({ account: 'a', wish: 4 }, { afterMs: 50_000 }));
  expect(await dueInMs()).toBeLessThanOrEqual(20_000);
  expect(await ahead.driver.jobs()).toMatchObject([{ payload: { wish: 1 } }]);
});

it('begins a job that may be late together with those that are due a little later', async () => {
  const began: { wish: number; ageMs: number }[] = [];
  for (const { behaviour } of [ahead, behind])
    behaviour.remind = ({ payload: { wish }, ageMs }) => {
      began.push({ wish, ageMs });
      return Promise.resolve(done());
    };
  await ask(ahead, ...[200, 400].map((afterMs) => remind({ account: `${afterMs}`, wish: afterMs }, { afterMs })));
  ahead.get(JobRunner).start();
  try {
    await eventually(() => began.length === 2);
  } finally {
    await ahead.get(JobRunner).stop();
  }
  expect(began.every(({ ageMs }) => ageMs >= 600)).toBe(true);
});

describe('a claim', () => {
  const query = (text: string, given?: unknown[]) => database.query(text, given);
  const pagesOfClaim = () => pagesRead(query, claimStatement('ledger'), [['pay', 'audit'], [16, 16], [6_000, 6_000], 0, 'somebody']);

  it('looks at as little however much waits for its time', async () => {
    await ask(ahead, pay({ account: 'a', amount: 1 }, { afterMs: 3_600_000 }));
    const before = await pagesOfClaim();
    await multiplyRows(query, 'ledger.job', 3_000, {
      ...{ id: 'gen_random_uuid()', seq: '1000 + n', key: 'n::text', run_at: `now() + interval '1 hour'` },
      deadline: `case when n % 2 = 0 then now() + interval '2 hours' end`,
    });
    expect((await pagesOfClaim()) - before).toBeLessThan(40);
  });

  it('looks at as little however much runs or ran lately, also while Postgres does not know that yet', async () => {
    for (const state of ['running', 'gone'])
      await query(
        `insert into ledger.job (id, kind, key, payload, state, run_at, causation_id, correlation_id, created_at)
         select gen_random_uuid(), 'pay', '${state}' || n, '{}', 'running', now(), 'c', 'c', now() from generate_series(1, 2000) as n`,
      );
    await query(`delete from ledger.job where key like 'gone%'`);
    await ask(ahead, ...Array.from({ length: 16 }, (_, index) => pay({ account: `due ${index}`, amount: 1 })));
    expect(await pagesOfClaim()).toBeLessThan(1_000);
    expect(await database.query(`select count(*)::int as claimed from ledger.job where worker = 'somebody'`)).toEqual([{ claimed: 16 }]);
  });
});
