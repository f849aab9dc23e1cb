import { Logger } from '@nestjs/common';
import { register } from 'prom-client';
import { startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { audit, close, pay } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { eventually } from '../fixtures/messages';
import { dead, done, overtaken, overtakenDead } from './job.definition';
import { JobRunner } from './job.runner';
import { JobAdministration } from '../administration/job/job.administration';
import type { Effect } from '../handlers/outcome';
import type { FaultPoint } from '../ports';
import { UnitOfWork } from '../unit-of-work';

let database: LedgerDatabase;
let app: LedgerApp;
let reach: (point: FaultPoint) => void | Promise<void> = () => undefined;
let paid: number[] = [];
/** The amounts that can never be paid. */
let impossible: number[] = [];

beforeAll(async () => {
  database = await ledgerDatabase();
  app = await startLedger({ url: database.serviceUrl, reach: (point) => reach(point) });
});
beforeEach(async () => {
  for (const level of ['error', 'warn', 'log'] as const) jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
  reach = () => undefined;
  [paid, impossible] = [[], [1]];
  app.behaviour.pay = ({ payload: { amount } }) => {
    paid.push(amount);
    return Promise.resolve(impossible.includes(amount) ? dead('the bank has no such account') : done());
  };
  for (const table of ['job', 'outbox']) await database.query(`delete from ledger.${table}`);
});
afterEach(() => jest.restoreAllMocks());
afterAll(async () => {
  await app?.stop();
  await database?.drop();
});

const ask = (...effects: Effect[]) => app.get(UnitOfWork).inTransaction(async (_tx, append) => append(effects));
const paidElsewhere = (account = 'a') => overtaken(pay, account, 'somebody else has paid');
const jobs = async () => (await app.driver.jobs()).map(({ kind, key, state }) => ({ kind, key, state }));
const metric = async (...parts: string[]) => {
  const line = (await register.metrics()).split('\n').find((one) => !one.startsWith('#') && parts.every((part) => one.includes(part)));
  return Number(line?.split(' ').at(-1) ?? 0);
};
const ended = () => metric('jobs_total{', '"pay"', '"overtaken"');
const deadAge = () => metric('queue_oldest_age_seconds{', '"jobDead"');
const dieAndHoldUp = async () => {
  await ask(pay({ account: 'a', amount: 1 }), pay({ account: 'a', amount: 2 }));
  await database.query(`update ledger.job set created_at = created_at - interval '1 hour'`);
  await app.driver.perform();
};

it('lets the key of a dead job go on when its job is overtaken, counts that, and nothing alarms any more', async () => {
  const before = await ended();
  await dieAndHoldUp();
  expect([await app.driver.perform(), await deadAge()]).toEqual([0, expect.closeTo(3600, -3)]);
  const logged = jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
  await ask(paidElsewhere());
  await app.driver.perform();
  expect([paid, await jobs(), await deadAge(), (await ended()) - before]).toEqual([[1, 2], [], 0, 1]);
  expect(logged.mock.calls).toContainEqual([
    expect.objectContaining({ kind: 'pay', reason: 'somebody else has paid' }),
    expect.stringContaining('a dead job has ended'),
  ]);
});

it('ends the dead ones of all keys that begin alike, each once, and leaves alone what lives, and what begins otherwise', async () => {
  await ask(...['order:7/a', 'order:7/b', 'order:70', 'or'].map((account) => pay({ account, amount: 1 })));
  await app.driver.perform();
  await ask(pay({ account: 'order:7/a', amount: 2 }), pay({ account: 'order:7/c', amount: 2 }, { afterMs: 3_600_000 }));
  await ask(overtakenDead(pay, 'order:7/', 'the order is over'), overtaken(pay, 'order:7/b', 'somebody else has paid'));
  await app.driver.perform(); // what waited behind it goes on
  expect(paid.filter((amount) => amount === 2)).toHaveLength(1);
  expect((await jobs()).map(({ key, state }) => `${key} ${state}`).sort()).toEqual(['or dead', 'order:7/c ready', 'order:70 dead']);
});

it('touches no other kind, no other key, and nothing where the decision is rolled back', async () => {
  app.behaviour.close = () => Promise.resolve(dead('never'));
  await ask(pay({ account: 'b', amount: 1 }), close({ account: 'a' }), pay({ account: 'c', amount: 1 }));
  await app.driver.perform();
  await ask(paidElsewhere('a'));
  const rolledBack = app.get(UnitOfWork).inTransaction(async (_tx, append) => {
    append([paidElsewhere('c')]);
    throw new Error('no');
  });
  await expect(rolledBack).rejects.toThrow('no');
  expect((await jobs()).map(({ kind, key, state }) => `${kind} ${key} ${state}`).sort()).toEqual([
    'close a dead',
    'pay b dead',
    'pay c dead',
  ]);
});

it('ends a job that runs meanwhile instead of letting it die, with what its kind does then, and lets one that succeeds be', async () => {
  const before = await ended();
  app.behaviour.pay = async ({ payload: { account, amount } }) => {
    paid.push(amount);
    if (amount === 1) await ask(paidElsewhere(account));
    return account === 'a' && amount === 1 ? dead('the bank has no such account') : done();
  };
  await ask(pay({ account: 'a', amount: 1 }), pay({ account: 'a', amount: 2 }), pay({ account: 'b', amount: 1 }));
  await app.driver.perform();
  expect(await jobs()).toEqual([{ kind: 'pay', key: 'a', state: 'ready' }]);
  await app.driver.perform();
  expect([paid, await jobs(), (await ended()) - before]).toEqual([[1, 1, 2], [], 1]);
  expect((await app.driver.sent('0')).envelopes).toMatchObject([{ subject: 'a', data: { amount: -1 } }]);
});

it('lets a job that waits run, and end where it would die, also after its process has crashed', async () => {
  impossible = [1, 2];
  await ask(pay({ account: 'a', amount: 1 }, { afterMs: 3_600_000 }));
  await ask(paidElsewhere());
  await database.query(`update ledger.job set state = 'running', attempts = 1, lease_until = now() - interval '1 s', run_at = now()`);
  app.get(JobRunner).start();
  await eventually(async () => (await jobs()).length === 0);
  await app.get(JobRunner).stop();
  expect(paid).toEqual([1]);
});

it('ends a job whose death another transaction has recorded and not committed yet', async () => {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let isRecorded = false;
  reach = async (point) => {
    if (point !== 'job.before-commit') return;
    isRecorded = true;
    await released;
  };
  await ask(pay({ account: 'a', amount: 1 }));
  const performed = app.driver.perform();
  await eventually(() => isRecorded);
  const overtaking = ask(paidElsewhere());
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%as meant%'`;
  await eventually(async () => (await database.query(waiting)).length > 0);
  release();
  await Promise.all([performed, overtaking]);
  expect(await jobs()).toEqual([]);
});

it('means the jobs that are there: what is drafted beside it or later is new, and dies as any other', async () => {
  await ask(pay({ account: 'a', amount: 1 }), paidElsewhere());
  await app.driver.perform();
  expect(await jobs()).toEqual([{ kind: 'pay', key: 'a', state: 'dead' }]);

  app.behaviour.audit = () => Promise.resolve(dead('never'));
  await ask(audit({ account: 'b', wish: 1 }, { afterMs: 3_600_000 }));
  await ask(overtaken(audit, 'audit:b', 'done by hand'));
  await ask(audit({ account: 'b', wish: 2 })); // the one that waits is wanted again
  await app.driver.perform();
  expect(await jobs()).toContainEqual({ kind: 'audit', key: 'audit:b', state: 'dead' });
});

it('lets what was asked for while the dead one ran take its place', async () => {
  const wishes: number[] = [];
  app.behaviour.audit = async ({ payload: { account, wish } }) => {
    wishes.push(wish);
    if (wish === 1) await ask(audit({ account, wish: 2 }));
    return wish === 1 ? dead('never') : done();
  };
  await ask(audit({ account: 'a', wish: 1 }));
  await app.driver.perform();
  await ask(overtaken(audit, 'audit:a', 'done by hand'));
  await app.driver.perform();
  expect([wishes, await jobs()]).toEqual([[1, 2], []]);
});

it('leaves an operator nothing to retry', async () => {
  await dieAndHoldUp();
  const administration = app.get(JobAdministration);
  const [job] = (await administration.list({ state: 'dead', limit: 10 })).items;
  await ask(paidElsewhere());
  const retried = administration.retry(job!.id, { actor: 'o', correlationId: 'c', reason: 'mended', idempotencyKey: 'k-1' });
  await expect(retried).rejects.toThrow('or overtaken');
});
