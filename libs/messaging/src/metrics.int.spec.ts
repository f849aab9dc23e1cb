import { register } from 'prom-client';
import { DataSource } from 'typeorm';
import { startLedger, type LedgerApp } from './fixtures/ledger.app';
import { entries, entryAdded } from './fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from './fixtures/ledger.database';
import { add } from './fixtures/ledger.service';
import { sent } from './fixtures/messages';
import { PartitionSetting } from './outbox/partition.setting';
import { notYet } from './handlers/outcome';
import { KafkaServer } from './kafka/kafka.server';
import { multiplyRows, pagesRead } from './testing/pages.read';

let database: LedgerDatabase;
let app: LedgerApp;
beforeAll(async () => {
  database = await ledgerDatabase();
  app = await startLedger({ url: database.serviceUrl });
  await app.get(PartitionSetting).establish();
});
afterAll(async () => {
  await app?.stop();
  await database?.drop();
});

const valueOf = async (name: string, labels: string) => {
  const line = (await register.metrics()).split('\n').find((candidate) => candidate.startsWith(`${name}{`) && candidate.includes(labels));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
};
const outcome = (word: string) => valueOf('messages_total', `outcome="${word}"`);

it('begins at 0 for all that the service reads, performs and publishes, so that the first dead letter and the first dead job are seen as one more', async () => {
  expect([await outcome('dead-lettered'), await valueOf('jobs_total', 'kind="pay",outcome="dead"')]).toEqual([0, 0]);
  expect(await valueOf('operator_acts_total', 'act="job.discard",outcome="failed"')).toBe(0);
});

it('counts messages by what became of them, and gives the age of what waits in every queue', async () => {
  app.behaviour.decide = (account, message) => {
    if (message.key === 'poison') throw new Error('cannot be handled');
    return message.key === 'early' ? notYet('too early') : add(account, message);
  };
  const fine = sent(entryAdded({ account: 'fine', amount: 1 }));
  await app.driver.deliver(entries, [
    fine,
    fine,
    ...['poison', 'poison', 'early'].map((account) => sent(entryAdded({ account, amount: 1 }))),
  ]);
  await database.query(`update ledger.blocked_key set since = now() - interval '1 hour' where key = 'poison'`);
  expect([await outcome('handled'), await outcome('duplicate'), await outcome('dead-lettered'), await outcome('retried')]).toEqual([
    1, 1, 2, 1,
  ]);
  const age = (queue: string) => valueOf('queue_oldest_age_seconds', `queue="${queue}"`);
  expect(await age('failing')).toBeGreaterThan(3599);
  expect(await age('waiting')).toBeLessThan(60);
  expect(await age('outbox')).toBeGreaterThan(0); // nobody has published it
  expect([await age('dead'), await age('jobReady'), await age('jobDead')]).toEqual([0, 0, 0]);
  expect(await valueOf('outbox_default_rows', 'queue="outbox"')).toBe(0);
});

it('shows how long fetched messages have waited while the database is away: that is when nobody handles them', async () => {
  jest.spyOn(app.get(KafkaServer), 'oldestAges').mockReturnValue([['reader', 7_000]]);
  const away = jest.spyOn(app.get(DataSource), 'query').mockRejectedValue(new Error('the database is away'));
  expect(await valueOf('queue_oldest_age_seconds', 'queue="fetched reader"')).toBe(7);
  away.mockRestore();
});

it('counts a dead letter once, however often it is redelivered', async () => {
  app.behaviour.decide = () => {
    throw new Error('cannot be handled');
  };
  await app.driver.deliver(
    entries,
    [1, 2].map((amount) => sent(entryAdded({ account: 'again', amount }))),
  );
  const before = await outcome('dead-lettered');
  await database.query(`delete from ledger.dead_letter where key <> 'again'`);
  await database.query(`delete from ledger.blocked_key where key <> 'again'`);
  await app.driver.redeliver();
  await app.driver.redeliver();
  expect(await outcome('dead-lettered')).toBe(before);
});

it('reads as little for the ages however much waits', async () => {
  await database.query(
    `insert into ledger.job (id, kind, key, payload, run_at, causation_id, correlation_id, created_at)
     values (gen_random_uuid(), 'pay', 'first', '{}', now(), 'c', 'c', now())`,
  );
  const query = jest.spyOn(app.get(DataSource), 'query');
  const pagesOfScrape = async () => {
    query.mockClear();
    await register.metrics();
    const [[sql, values] = ['']] = query.mock.calls;
    return pagesRead((text, given) => database.query(text, given), sql, values as unknown[]);
  };
  const many = (table: string, columns: Readonly<Record<string, string>>) =>
    multiplyRows((text, given) => database.query(text, given), table, 3_000, columns);
  const before = await pagesOfScrape();
  await many('ledger.blocked_key', { id: '1000 + n', key: 'n::text', state: `(array['waiting', 'failing', 'dead'])[1 + n % 3]` });
  await many('ledger.job', {
    ...{ id: 'gen_random_uuid()', seq: '1000 + n', key: 'n::text', kind: `(array['pay', 'send', 'unknown'])[1 + n % 3]` },
    ...{ state: `(array['ready', 'ready', 'dead'])[1 + n % 3]`, run_at: `now() + (n % 2) * interval '1 hour'` },
  });
  expect((await pagesOfScrape()) - before).toBeLessThan(40);
  query.mockRestore();
});
