import { Logger } from '@nestjs/common';
import { register } from 'prom-client';
import { startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { audit, bury, paid, pay, remind, statementMade } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { eventually } from '../fixtures/messages';
import { dead, done } from './job.definition';
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
const jobs = () => first.driver.jobs();
const sentBy = async () => (await first.driver.sent('0')).envelopes as { id: string; subject: string; data: { amount: number } }[];

describe('a job that dies', () => {
  const tooLarge = (account: string) => statementMade({ account, version: 1, text: 'x'.repeat(600_000) });
  const counted = async (kind: string, outcome: string) => {
    const line = (await register.metrics())
      .split('\n')
      .find((one) => one.startsWith('jobs_total{') && one.includes(kind) && one.includes(outcome));
    return Number(line?.split(' ').at(-1) ?? 0);
  };

  it('does what its kind does then also where its end can not be recorded, is counted as dead, and is logged', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const [done0, dead0] = [await counted('pay', 'done'), await counted('pay', 'dead')];
    first.behaviour.pay = ({ key }) => Promise.resolve(done(key === 'large' ? tooLarge(key) : paid({ account: key, amount: 1 })));
    await ask(pay({ account: 'large', amount: 1 }), pay({ account: 'small', amount: 1 }));
    await first.driver.perform();
    expect(await jobs()).toMatchObject([
      { key: 'large', state: 'dead', lastError: expect.stringContaining("its end can't be recorded: MessageTooLarge") as string },
    ]);
    expect((await sentBy()).map(({ subject, data }) => [subject, data.amount]).sort()).toEqual([
      ['large', -1],
      ['small', 1],
    ]);
    expect([(await counted('pay', 'done')) - done0, (await counted('pay', 'dead')) - dead0]).toEqual([1, 1]);
    expect(logged.mock.calls).toEqual([
      [expect.objectContaining({ kind: 'pay', outcome: 'dead' }), expect.stringContaining('a job is dead')],
    ]);
    logged.mockRestore();
  });

  it.each([
    ['fails', 'throw', 'its onDead failed: TypeError: no such customer'],
    ['says too much', 'large', "its effects can't be recorded: MessageTooLarge"],
  ])('is dead and logged also where what its kind does then %s', async (_title, account, reason) => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    await ask(bury({ account }));
    await first.driver.perform();
    expect(await jobs()).toMatchObject([{ state: 'dead', lastError: expect.stringContaining(reason) as string }]);
    expect(logged).toHaveBeenCalledTimes(1);
    logged.mockRestore();
  });

  it.each([
    ['is no JSON', '{"account":'],
    ['breaks its schema', '{"account":"a","amount":"much"}'],
  ])('is dead and logged where its payload %s, and does not do what its kind does then with what nobody checked', async (what, payload) => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    await ask(pay({ account: 'a', amount: 1 }), pay({ account: 'b', amount: 1 }));
    await database.query(`update ledger.job set payload = '${payload}' where key = 'a'`);
    await first.driver.perform();
    const reason = `Error: the payload of pay ${what}; what its kind does then needs that, and was not done`;
    const left = await database.query('select key, state, last_error as reason from ledger.job');
    expect(left).toEqual([{ key: 'a', state: 'dead', reason }]);
    expect(await sentBy()).toEqual([]);
    expect(logged.mock.calls).toEqual([[expect.objectContaining({ outcome: 'dead', reason }), expect.stringContaining('a job is dead')]]);
    logged.mockRestore();
  });

  it('keeps what was asked for under the same dedupe value while it ran and while it is dead', async () => {
    const wishes: number[] = [];
    first.behaviour.audit = async ({ payload }) => {
      wishes.push(payload.wish);
      if (payload.wish === 1) await ask(audit({ account: 'a', wish: 2 }));
      return payload.wish === 1 ? dead('never') : done();
    };
    await ask(audit({ account: 'a', wish: 1 }));
    await first.driver.perform();
    const administration = first.get(JobAdministration);
    const [job] = (await administration.list({ state: 'dead', limit: 10 })).items;
    await administration.discard(job!.id, { actor: 'o', correlationId: 'c', reason: 'give up', idempotencyKey: 'w-1' });
    await first.driver.perform();
    expect([wishes, await jobs()]).toEqual([[1, 2], []]);

    first.behaviour.audit = ({ payload }) => (wishes.push(payload.wish), Promise.resolve(payload.wish === 3 ? dead('never') : done()));
    await ask(audit({ account: 'a', wish: 3 }));
    await first.driver.perform();
    await ask(audit({ account: 'a', wish: 4 }));
    const [other] = (await administration.list({ state: 'dead', limit: 10 })).items;
    await administration.discard(other!.id, { actor: 'o', correlationId: 'c', reason: 'give up', idempotencyKey: 'w-2' });
    await first.driver.perform();
    expect([wishes, await jobs()]).toEqual([[1, 2, 3, 4], []]);
  });

  describe('begins anew, with all its failures and its age before it', () => {
    const dayMs = 86_400_000;
    const runs: { wish: number; isRetried: boolean; isOld: boolean }[] = [];
    const dieFirst = () => {
      runs.length = 0;
      first.behaviour.remind = ({ payload: { wish }, isRetried, ageMs }) => {
        runs.push({ wish, isRetried, isOld: ageMs >= dayMs });
        return Promise.resolve(isRetried ? done() : dead('its time was over'));
      };
      first.behaviour.audit = first.behaviour.remind;
    };
    const age = () => database.query(`update ledger.job set created_at = created_at - interval '2 days', failures = 2`);
    const firstRun = { wish: 1, isRetried: false, isOld: true };

    it('where an operator retries it', async () => {
      dieFirst();
      await ask(audit({ account: 'a', wish: 1 }));
      await age();
      await first.driver.perform();
      const administration = first.get(JobAdministration);
      const [job] = (await administration.list({ state: 'dead', limit: 10 })).items;
      await administration.retry(job!.id, { actor: 'o', correlationId: 'c', reason: 'mended', idempotencyKey: 'r-1' });
      await first.driver.perform();
      expect(runs).toEqual([firstRun, { wish: 1, isRetried: true, isOld: false }]);
    });

    it('where it is asked for again and its kind says so, with what is asked for now', async () => {
      dieFirst();
      await ask(remind({ account: 'a', wish: 1 }));
      await age();
      await first.driver.perform();
      const [{ id }] = (await database.query('select id from ledger.job')) as [{ id: string }];
      await ask(remind({ account: 'a', wish: 2 }, { afterMs: 3_600_000 }), remind({ account: 'b', wish: 9 }, { afterMs: 3_600_000 }));
      expect(await first.driver.perform()).toBe(0);
      expect(await database.query(`select id, state, failures from ledger.job where dedupe = 'a'`)).toEqual([
        { id, state: 'ready', failures: 0 },
      ]);
      await database.query(`update ledger.job set run_at = now() where dedupe = 'a'`);
      await first.driver.perform();
      expect(runs).toEqual([firstRun, { wish: 2, isRetried: true, isOld: false }]);
    });
  });
});

const ageOf = async (queue: string) => {
  const line = (await register.metrics()).split('\n').find((one) => one.includes(`queue="${queue}"`));
  return Number(line!.split(' ').at(-1));
};

it('is seen when a job waits that nothing in this version performs', async () => {
  const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  await ask(pay({ account: 'a', amount: 1 }));
  await database.query(`update ledger.job set kind = 'of-tomorrow', run_at = now() - interval '5 minutes'`);
  await first.driver.perform(); // its performers are known by now
  first.get(JobRunner).start();
  await eventually(() => logged.mock.calls.some(([fields]) => (fields as { kind?: string }).kind === 'of-tomorrow'));
  expect(await ageOf('jobUnknown')).toBeGreaterThan(290);
  expect(await ageOf('jobReady')).toBe(0); // one queue has it
  logged.mockRestore();
});

it('lists a job that nothing in this version performs among those that wait for an operator, and lets one discard it, not retry it', async () => {
  await ask(...['old', 'new', 'new'].map((account) => pay({ account, amount: 1 })));
  await database.query(`update ledger.job set kind = 'of-tomorrow' where seq in (select min(seq) from ledger.job group by key)`);
  first.behaviour.pay = () => Promise.resolve(dead('never'));
  const administration = first.get(JobAdministration);
  await first.driver.perform();
  const listed = (await administration.list({ limit: 10 })).items;
  expect(listed.map(({ key, state, behind }) => [key, state, behind])).toEqual([
    ['old', 'unknown', 0],
    ['new', 'unknown', 1],
  ]);
  expect((await administration.list({ state: 'unknown', limit: 10 })).items).toEqual(listed);
  expect((await administration.list({ state: 'ready', limit: 10 })).items).toMatchObject([{ key: 'new', kind: 'pay' }]);
  const by = (idempotencyKey: string) => ({ actor: 'o', correlationId: 'c', reason: 'it will never come', idempotencyKey });
  const { id } = listed[1]!;
  await expect(administration.retry(id, by('u-1'))).rejects.toMatchObject({
    code: 'NOT_DEAD',
    message: `Job ${id} is not dead: it is unknown`,
  });
  expect(await administration.discard(id, by('u-2'))).toMatchObject({ before: { kind: 'of-tomorrow', state: 'unknown' } });
  await first.driver.perform(); // what waited behind it goes on
  expect((await administration.list({ limit: 10 })).items).toMatchObject([
    { key: 'old', state: 'unknown' },
    { key: 'new', state: 'dead' },
  ]);
});

it('takes keys and dedupe values of any length and kind', async () => {
  const odd = ['x'.repeat(6000), 'a\0b', '\ud800'];
  await ask(...odd.flatMap((account) => [pay({ account, amount: 1 }), audit({ account, wish: 1 })]));
  let performed = 0;
  while ((await jobs()).length > 0) performed += await first.driver.perform();
  expect(performed).toBe(6);
});

it('gives up to record the end of a job that always takes too long, records the others, and performs it again when its lease is over', async () => {
  const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  await database.query(`
    create function ledger.cut_off() returns trigger language plpgsql as $$
      begin raise exception 'canceling statement due to statement timeout' using errcode = '57014'; end $$;
    create trigger slow before delete on ledger.job for each row when (old.key = 'slow') execute function ledger.cut_off()`);
  await ask(pay({ account: 'slow', amount: 1 }), pay({ account: 'quick', amount: 1 }));
  await first.driver.perform();
  expect(await jobs()).toMatchObject([{ key: 'slow', state: 'running' }]);
  expect(logged.mock.calls.map(([, message]) => message as string)).toEqual(['the end of a job could not be recorded']);
  await database.query(`drop trigger slow on ledger.job; update ledger.job set lease_until = now() - interval '1 s'`);
  first.get(JobRunner).start();
  await eventually(async () => (await jobs()).length === 0);
  logged.mockRestore();
});
