import { startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { audit, close, lend, paid, pay } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { eventually } from '../fixtures/messages';
import { again, dead, done, type JobOutcome } from './job.definition';
import { JobRunner } from './job.runner';
import { UnitOfWork } from '../unit-of-work';
import { JobAdministration } from '../administration/job/job.administration';
import type { Effect } from '../handlers/outcome';
import type { FaultPoint } from '../ports';

let database: LedgerDatabase;
let first: LedgerApp;
let second: LedgerApp;
let reach: (point: FaultPoint) => void | Promise<void> = () => undefined;

beforeAll(async () => {
  database = await ledgerDatabase();
  first = await startLedger({ url: database.serviceUrl, reach: (point) => reach(point) });
  second = await startLedger({ url: database.serviceUrl, instance: 'ledger-1' });
});
beforeEach(async () => {
  reach = () => undefined;
  for (const app of [first, second]) {
    app.behaviour.pay = () => Promise.resolve(done());
    app.behaviour.audit = () => Promise.resolve(done());
    app.behaviour.close = () => Promise.resolve(done());
  }
  for (const table of ['job', 'outbox']) await database.query(`delete from ledger.${table}`);
});
afterEach(() => Promise.all([first, second].map((app) => app.get(JobRunner).stop())));
afterAll(async () => {
  await first?.stop();
  await second?.stop();
  await database?.drop();
});

const ask = (...effects: Effect[]) => first.get(UnitOfWork).inTransaction(async (_tx, append) => append(effects));
const start = () => [first, second].forEach((app) => app.get(JobRunner).start());
const jobs = () => first.driver.jobs();
const noneLeft = () => eventually(async () => (await jobs()).length === 0);
const makeDue = () => database.query(`update ledger.job set run_at = 'epoch' where state = 'ready'`);
const sentBy = async () => (await first.driver.sent('0')).envelopes as { id: string; subject: string; data: { amount: number } }[];

it('performs the jobs of a key one at a time and in order, by however many copies, and those of other keys meanwhile', async () => {
  const running = new Set<string>();
  const performed: [string, number][] = [];
  let mostAtOnce = 0;
  const perform = async ({ key, payload }: { key: string; payload: { amount: number } }) => {
    expect(running.has(key)).toBe(false);
    running.add(key);
    mostAtOnce = Math.max(mostAtOnce, running.size);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
    performed.push([key, payload.amount]);
    running.delete(key);
    return done(paid({ account: key, amount: payload.amount }));
  };
  first.behaviour.pay = perform;
  second.behaviour.pay = perform;
  const keys = Array.from({ length: 10 }, (_, index) => `k${index}`);
  for (let amount = 1; amount <= 20; amount++) await ask(...keys.map((account) => pay({ account, amount })));
  start();
  await noneLeft();
  for (const key of keys)
    expect(performed.filter(([of]) => of === key).map(([, amount]) => amount)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  expect(mostAtOnce).toBeGreaterThan(1);
  expect((await sentBy()).filter(({ subject }) => subject === 'k3').map(({ data }) => data.amount)).toEqual(
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
});

it('holds the key of a job that backs off, and no other', async () => {
  first.behaviour.pay = ({ payload }) => (payload.amount === 1 ? Promise.reject(new Error('502')) : Promise.resolve(done()));
  await ask(pay({ account: 'a', amount: 1 }), pay({ account: 'a', amount: 2 }), pay({ account: 'b', amount: 3 }));
  expect(await first.driver.perform()).toBe(2);
  expect(await first.driver.perform()).toBe(0);
  expect(await jobs()).toMatchObject([
    { key: 'a', payload: { amount: 1 }, attempts: 1, state: 'ready', lastError: 'Error: 502' },
    { key: 'a', payload: { amount: 2 }, attempts: 0 },
  ]);
});

it('backs off from one second on, or for as long as the other side asks', async () => {
  /** Between two instants, since the machine may be busy. */
  const delay = async () => {
    const before = Date.now();
    await first.driver.perform();
    const runAt = Date.parse((await jobs())[0]!.runAt);
    return { atMost: runAt - before, atLeast: runAt - Date.now() };
  };
  first.behaviour.pay = () => Promise.reject(new Error('500'));
  await ask(pay({ account: 'a', amount: 1 }));
  const { atMost, atLeast } = await delay();
  expect(atMost).toBeGreaterThan(700);
  expect(atLeast).toBeLessThan(1100);
  first.behaviour.pay = () => Promise.reject(Object.assign(new Error('429'), { retryAfterMs: 60_000 }));
  await makeDue();
  expect((await delay()).atMost).toBeGreaterThan(58_000);
});

it('performs a job again whose process ended in the middle, after its lease, and counts that as a failure', async () => {
  first.behaviour.lend = () => new Promise(() => undefined); // as if its process were killed: it neither ends nor renews
  await ask(lend({ account: 'a' }));
  const startedAt = performance.now();
  void first.driver.perform();
  await eventually(async () => (await jobs())[0]?.state === 'running');
  second.behaviour.lend = ({ attempts }) => Promise.resolve(done(paid({ account: 'a', amount: attempts })));
  second.get(JobRunner).start();
  await noneLeft();
  expect(performance.now() - startedAt).toBeGreaterThan(400); // the lease is 600 ms
  expect(await sentBy()).toMatchObject([{ data: { amount: 2 } }]);
  first.get(JobRunner)['active'].clear();
});

it('records nothing of a run that lost its lease, while another performs the job and after it', async () => {
  const finish: (() => void)[] = [];
  const held = (amount: number) => () =>
    new Promise<JobOutcome>((resolve) => finish.push(() => resolve(done(paid({ account: 'a', amount })))));
  first.behaviour.lend = held(1);
  second.behaviour.lend = held(2);
  await ask(lend({ account: 'a' }));
  const stale = first.driver.perform();
  await eventually(() => finish.length === 1);
  await database.query(`update ledger.job set lease_until = 'epoch'`);
  second.get(JobRunner).start();
  await eventually(() => finish.length === 2);
  finish[0]!();
  await stale;
  expect(await jobs()).toMatchObject([{ state: 'running', attempts: 2 }]);
  finish[1]!();
  await noneLeft();
  expect(await sentBy()).toMatchObject([{ data: { amount: 2 } }]);
});

it('renews the lease of a job that takes long', async () => {
  let runs = 0;
  const slow = async () => {
    runs++;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    return done();
  };
  first.behaviour.lend = slow;
  second.behaviour.lend = slow;
  await ask(lend({ account: 'a' }));
  start();
  await noneLeft();
  expect(runs).toBe(1);
});

it('keeps one job per dedupe value, at the earliest time that anybody asked for', async () => {
  const soon = new Date(Date.now() + 60_000).toISOString();
  const late = new Date(Date.now() + 120_000).toISOString();
  await ask(audit({ account: 'a', wish: 1 }, { runAt: late }), audit({ account: 'a', wish: 2 }, { runAt: soon }));
  await ask(audit({ account: 'a', wish: 3 }, { runAt: late }), audit({ account: 'b', wish: 4 }));
  expect(await jobs()).toMatchObject([{ key: 'audit:a', payload: { wish: 1 }, runAt: soon }, { key: 'audit:b' }]);
});

it('performs a deduplicated job once more when it is asked for while it runs', async () => {
  const wishes: number[] = [];
  first.behaviour.audit = async ({ payload }) => {
    wishes.push(payload.wish);
    if (payload.wish === 1) await ask(audit({ account: 'a', wish: 2 }));
    return done(paid({ account: 'a', amount: payload.wish }));
  };
  await ask(audit({ account: 'a', wish: 1 }));
  await first.driver.perform();
  expect(await jobs()).toMatchObject([{ state: 'ready', attempts: 0, payload: { wish: 2 } }]);
  await first.driver.perform();
  expect([wishes, await jobs()]).toEqual([[1, 2], []]);
  expect(new Set((await sentBy()).map(({ id }) => id)).size).toBe(2);
});

it('lets a job add its own successor, also under the same dedupe value', async () => {
  first.behaviour.audit = ({ payload }) =>
    Promise.resolve(payload.wish < 3 ? done(audit({ account: 'a', wish: payload.wish + 1 })) : done());
  await ask(audit({ account: 'a', wish: 1 }));
  expect([await first.driver.perform(), await first.driver.perform(), await first.driver.perform(), await first.driver.perform()]).toEqual([
    1, 1, 1, 0,
  ]);
});

it('lets a dead job hold its key until an operator retries or discards it, except against a job that passes', async () => {
  first.behaviour.pay = ({ payload }) => Promise.resolve(payload.amount === 1 ? dead('it can never be') : done());
  await ask(pay({ account: 'a', amount: 1 }), pay({ account: 'a', amount: 2 }), close({ account: 'a' }));
  await first.driver.perform();
  expect(await sentBy()).toMatchObject([{ data: { amount: -1 } }]); // from onDead
  expect(await first.driver.perform()).toBe(0);
  await database.query(`delete from ledger.job where payload like '%2%'`);
  expect(await first.driver.perform()).toBe(1); // close
  const administration = first.get(JobAdministration);
  const [job] = (await administration.list({ state: 'dead', limit: 10 })).items;
  const by = { actor: 'o', correlationId: 'c' };
  await administration.retry(job!.id, { ...by, reason: 'try', idempotencyKey: 'j-1' });
  await first.driver.perform();
  await ask(pay({ account: 'a', amount: 3 }));
  await administration.discard(job!.id, { ...by, reason: 'give up', idempotencyKey: 'j-2' });
  expect([await first.driver.perform(), await jobs()]).toEqual([1, []]);
});

it('gives a job up after its failures, on a permanent error, and when it could only be tried again after its deadline', async () => {
  first.behaviour.pay = ({ payload }) => Promise.reject(Object.assign(new Error('no'), payload.amount === 2 && { retriable: false }));
  const deadline = new Date(Date.now() + 300).toISOString();
  await ask(
    pay({ account: 'tired', amount: 1 }),
    pay({ account: 'permanent', amount: 2 }),
    pay({ account: 'late', amount: 3 }, { deadline }),
  );
  await first.driver.perform();
  await makeDue();
  await first.driver.perform();
  expect((await jobs()).map(({ key, state, attempts }) => [key, state, attempts])).toEqual([
    ['tired', 'ready', 2],
    ['permanent', 'dead', 1],
    ['late', 'dead', 1],
  ]);
  await makeDue();
  await first.driver.perform();
  expect((await jobs())[0]).toMatchObject({ state: 'dead', lastError: 'given up after 3 failures: Error: no' });
});

it('counts no failure while the other side is away, and none where a job only wants to run again', async () => {
  first.behaviour.pay = () => Promise.reject(Object.assign(new Error('breaker open'), { isAway: true }));
  first.behaviour.close = () => Promise.resolve(again({ afterMs: 0 }, 'not yet'));
  await ask(pay({ account: 'a', amount: 1 }), close({ account: 'b' }));
  for (let run = 0; run < 6; run++) {
    await first.driver.perform();
    await makeDue();
  }
  expect((await jobs()).map(({ state, attempts }) => [state, attempts])).toEqual([
    ['ready', 6],
    ['ready', 6],
  ]);
});

it('performs the job with the nearest deadline first', async () => {
  const order: number[] = [];
  first.behaviour.audit = ({ payload }) => Promise.resolve((order.push(payload.wish), done()));
  const at = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
  const wishes = [
    audit({ account: 'a', wish: 3 }, { runAt: at(-30) }),
    audit({ account: 'b', wish: 2 }, { runAt: at(-20), deadline: at(20) }),
    audit({ account: 'c', wish: 1 }, { runAt: at(-10), deadline: at(10) }),
  ];
  await ask(...wishes);
  for (let run = 0; run < 3; run++) await first.driver.perform(); // one at a time: the kind has room for one
  expect(order).toEqual([1, 2, 3]);
});

it('records what a job publishes and that it is done in one transaction', async () => {
  let failures = 0;
  reach = (point) => {
    if (point === 'job.before-commit' && failures++ === 0) throw Object.assign(new Error('the server stops'), { code: '57P01' });
  };
  first.behaviour.pay = () => Promise.resolve(done(paid({ account: 'a', amount: 1 })));
  await ask(pay({ account: 'a', amount: 1 }));
  await first.driver.perform();
  expect([failures, await jobs()]).toEqual([2, []]);
  expect(await sentBy()).toHaveLength(1);
});
