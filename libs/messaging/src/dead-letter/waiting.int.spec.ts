import { startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { entries, entryAdded, noteAdded } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { add } from '../fixtures/ledger.service';
import { sent } from '../fixtures/messages';
import { DeadLetterAdministration } from '../administration/dead-letter/dead-letter.administration';
import { notYet } from '../handlers/outcome';
import { Redelivery } from './redelivery';
import { FactsMissing } from '../handlers/stages';

let database: LedgerDatabase;
let app: LedgerApp;
beforeAll(async () => {
  database = await ledgerDatabase();
  app = await startLedger({ url: database.serviceUrl });
});
beforeEach(async () => {
  app.behaviour.decide = add;
  app.behaviour.enrich = () => Promise.resolve();
  app.behaviour.bypassesBlock = () => false;
  app.behaviour.key = ({ key }) => key;
  for (const table of ['accounts', 'dead_letter', 'blocked_key', 'outbox']) await database.query(`delete from ledger.${table}`);
});
afterAll(async () => {
  await app?.stop();
  await database?.drop();
});

const entry = (account: string, amount: number) => sent(entryAdded({ account, amount }));
const total = async (account: string) =>
  (await database.query<{ total: number }>('select total from ledger.accounts where id = $1', [account]))[0]?.total;
const blockedKeys = () => app.get(DeadLetterAdministration).blockedKeys();
const amounts = async () => ((await app.driver.sent('0')).envelopes as { data: { total: number } }[]).map(({ data }) => data.total);

it('lets a message that is not yet due wait, and handles it when what it waits for has come', async () => {
  app.behaviour.decide = (account, message) => (account || message.type === entryAdded.type ? add(account, message) : notYet('no account'));
  const start = performance.now();
  await app.driver.deliver(entries, [sent(noteAdded({ account: 'n', note: 'first' })), entry('other', 1)]);
  expect(await blockedKeys()).toMatchObject([{ key: 'n', state: 'waiting', reason: 'no account' }]);
  await database.query(`insert into ledger.accounts values ('n', 7, 1)`);
  while ((await app.get(Redelivery).redeliver()) === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(performance.now() - start).toBeGreaterThan(200); // the first delay is 250 ms, ± 10 %
  expect(await blockedKeys()).toEqual([]);
  expect(await amounts()).toEqual([1, 7]);
});

it('takes the message whose facts are missing out of the batch with the rest of its key, and gives enrich the number of the attempt', async () => {
  const attempts: unknown[] = [];
  app.behaviour.enrich = (message, attempt) => {
    if (message.key !== 'g') return Promise.resolve();
    attempts.push([attempt.number, typeof attempt.since]);
    return attempt.number < 3 ? Promise.reject(new FactsMissing('404')) : Promise.resolve();
  };
  await app.driver.deliver(entries, [entry('g', 1), entry('h', 1)]);
  expect([await total('g'), await total('h')]).toEqual([undefined, 1]);
  await app.driver.redeliver();
  expect(await blockedKeys()).toMatchObject([{ key: 'g', state: 'waiting', attempts: 2, reason: 'FactsMissing: 404' }]);
  await app.driver.redeliver();
  expect(attempts).toEqual([
    [1, 'undefined'],
    [2, 'string'],
    [3, 'string'],
  ]);
  expect([await total('g'), await blockedKeys()]).toEqual([1, []]);
});

it('tells each message how often and since when it was tried itself, not the one before it', async () => {
  const attempts: unknown[] = [];
  app.behaviour.enrich = ({ data }, { number, since }) => {
    if ('amount' in data) attempts.push([data.amount, number, since]);
    return 'amount' in data && data.amount === 1 && number < 3 ? Promise.reject(new FactsMissing('404')) : Promise.resolve();
  };
  await app.driver.deliver(entries, [entry('m', 1)]);
  await database.query(`update ledger.dead_letter set added_at = '2026-01-01T00:00:00Z'`);
  await database.query(`update ledger.blocked_key set since = '2026-01-01T00:00:00Z'`);
  await app.driver.deliver(entries, [entry('m', 2)]);
  await database.query(
    `update ledger.dead_letter set added_at = '2026-01-02T00:00:00Z' where seq = (select max(seq) from ledger.dead_letter)`,
  );
  await app.driver.redeliver();
  await app.driver.redeliver();
  expect(attempts).toEqual([
    [1, 1, undefined],
    [2, 1, undefined],
    [1, 2, '2026-01-01T00:00:00.000Z'],
    [2, 1, '2026-01-02T00:00:00.000Z'],
    [1, 3, '2026-01-01T00:00:00.000Z'],
    [2, 1, '2026-01-02T00:00:00.000Z'],
  ]);
});

it('lets nobody wait for facts longer than a second', async () => {
  app.behaviour.enrich = ({ key }) => (key === 'slow' ? new Promise(() => undefined) : Promise.resolve());
  const start = performance.now();
  await app.driver.deliver(entries, [entry('slow', 1), entry('fast', 1)]);
  expect(performance.now() - start).toBeLessThan(20_000); // and not for ever
  expect(await total('fast')).toBe(1);
  expect(await blockedKeys()).toMatchObject([{ key: 'slow', state: 'waiting', reason: 'FactsLate: the facts took longer than 1000 ms' }]);
});

it('makes no dead letter and counts no attempt while the source of the facts is away', async () => {
  app.behaviour.enrich = () => Promise.reject(Object.assign(new Error('breaker open'), { isAway: true }));
  const messages = Array.from({ length: 30 }, (_, index) => entry(`away-${index}`, 1));
  await app.driver.deliver(entries, messages);
  for (let round = 0; round < 5; round++) await app.driver.redeliver();
  const keys = await blockedKeys();
  expect(keys.map(({ key }) => key).sort()).toEqual(messages.map(({ key }) => key).sort());
  expect(new Set(keys.map(({ state, attempts }) => `${state} ${attempts}`))).toEqual(new Set(['waiting 0']));
  app.behaviour.enrich = () => Promise.resolve();
  await app.driver.redeliver();
  expect(await amounts()).toHaveLength(30);
});

it('waits for a source that is away by the clock of the database, whatever its own says', async () => {
  app.behaviour.enrich = () => Promise.reject(Object.assign(new Error('breaker open'), { isAway: true }));
  await app.driver.deliver(entries, [entry('clock', 1)]);
  const { now } = Date;
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() + 3_600_000);
  await app.driver.redeliver();
  clock.mockRestore();
  const [delay] = await database.query<{ seconds: number }>(
    `select extract(epoch from k.next_try_at - m.added_at)::float8 as seconds from ledger.blocked_key k join ledger.dead_letter m using (consumer, key)`,
  );
  expect(delay!.seconds).toBeLessThan(12); // by its own it would be 15 s
});

it('takes a source for away by itself when over half of a batch fails', async () => {
  app.behaviour.enrich = ({ key }) => (key.startsWith('x') ? Promise.reject(new Error('socket hang up')) : Promise.resolve());
  await app.driver.deliver(entries, [...Array.from({ length: 12 }, (_, index) => entry(`x${index}`, 1)), entry('y', 1)]);
  expect((await blockedKeys()).map(({ attempts }) => attempts)).toEqual(Array.from({ length: 12 }, () => 0));
});
