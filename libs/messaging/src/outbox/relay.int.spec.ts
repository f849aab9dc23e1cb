import { setTimeout as wait } from 'node:timers/promises';
import { testBroker } from '@landfall/local';
import { startChild, type Child } from '../fixtures/child';
import { startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { entries, entryAdded } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { createLedgerTopics, inOrder, readTotals, versionsByAccount, type TopicReader } from '../fixtures/ledger.topics';
import { eventually, sent } from '../fixtures/messages';
import type { FaultPoint } from '../ports';

const { brokers } = testBroker();
let database: LedgerDatabase;
let writer: LedgerApp;
let reader: TopicReader;
const children: Child[] = [];
beforeAll(async () => {
  database = await ledgerDatabase();
  await createLedgerTopics(brokers);
  writer = await startLedger({ url: database.serviceUrl }); // it only writes: whoever listens publishes
  reader = await readTotals(brokers);
});
afterAll(async () => {
  await Promise.all(children.map((child) => child.stop()));
  await reader?.stop();
  await writer?.stop();
  await database?.drop();
});

const start = async (instance: string, killAt?: { point: FaultPoint; after: number }) => {
  const child = await startChild({ url: database.serviceUrl, brokers, instance, killAt });
  children.push(child);
  return child;
};

/** Writes `rounds` totals per account, a batch per round. */
async function write(accounts: readonly string[], rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await writer.driver.deliver(
      entries,
      accounts.map((account) => sent(entryAdded({ account, amount: 1 }))),
    );
    await writer.tellRelays();
  }
}

/** Writes rounds until something has happened, 40 at least: one that publishes slowly takes many of them at once. */
async function writeUntil(happened: Promise<unknown>, accounts: readonly string[]): Promise<number> {
  let isOver = false;
  void happened.then(() => (isOver = true));
  let rounds = 0;
  while (rounds < 40 || (!isOver && rounds < 2_000)) {
    await write(accounts, 1);
    if (++rounds > 40) await wait(50);
  }
  return rounds;
}

const accountsOf = (name: string) => Array.from({ length: 24 }, (_, index) => `${name}-${index}`);
const of = (name: string) => reader.seen.filter(({ key }) => key.startsWith(`${name}-`));

it('loses and reorders nothing when it is killed before a send, after it, or before its position is saved', async () => {
  for (const [name, point] of [
    ['unsent', 'relay.before-send'],
    ['sent', 'relay.after-send'],
    ['saved', 'relay.before-cursor'],
  ] as const) {
    const accounts = accountsOf(name);
    const doomed = await start(name, { point, after: 3 });
    const rounds = await writeUntil(doomed.ended, accounts);
    expect(await doomed.ended).toBe('SIGKILL');
    const heir = await start(name);
    await eventually(() => of(name).length >= 24 * rounds);
    await heir.stop();
    expect(versionsByAccount(of(name))).toEqual(inOrder(accounts, rounds));
  }
  expect(reader.all.length).toBeGreaterThan(reader.seen.length); // what was not saved was sent again, under its old id
});

const partitionsByCopy = async () =>
  (
    await database.query<{ partitions: number }>(
      `select count(*)::int as partitions from pg_locks l join pg_stat_activity a using (pid)
        where a.application_name = 'ledger relay' and l.locktype = 'advisory' and l.classid = (hashtext('ledger.relay')::bigint & 4294967295)::oid
        group by pid order by 1`,
    )
  ).map(({ partitions }) => partitions);

it('shares the partitions fairly between copies, and takes over those of one that ends', async () => {
  const accounts = accountsOf('shared');
  const first = await start('copy-0');
  await eventually(async () => String(await partitionsByCopy()) === '8');
  const second = await start('copy-1');
  await eventually(async () => String(await partitionsByCopy()) === '4,4');
  await write(accounts, 20);
  await first.stop();
  await write(accounts, 20);
  await eventually(async () => String(await partitionsByCopy()) === '8');
  await eventually(() => of('shared').length >= 24 * 40);
  await second.stop();
  expect(versionsByAccount(of('shared'))).toEqual(inOrder(accounts, 40));
});

it('begins anew when its connection is cut', async () => {
  const accounts = accountsOf('cut');
  const relay = await start('cut-0');
  const writing = write(accounts, 40);
  for (let cut = 0; cut < 3; cut++) {
    await eventually(() => of('cut').length >= cut * 240);
    await database.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ledger relay'`);
  }
  await writing;
  await eventually(() => of('cut').length >= 24 * 40);
  await relay.stop();
  expect(versionsByAccount(of('cut'))).toEqual(inOrder(accounts, 40));
});

it('stops publishing a partition that another relay has taken from it', async () => {
  const accounts = accountsOf('fenced');
  const relay = await start('fenced-0');
  await eventually(async () => String(await partitionsByCopy()) === '8');
  await write(accounts, 1);
  await eventually(() => of('fenced').length >= 24);
  await database.query(`update ledger.relay_cursor set owner_epoch = 1000000`); // as if somebody had claimed them
  await write(accounts, 19);
  await eventually(() => of('fenced').length >= 24 * 20);
  await eventually(async () => (await database.query('select from ledger.relay_cursor where owner_epoch = 1000000')).length === 0); // it claimed anew
  await relay.stop();
  expect(versionsByAccount(of('fenced'))).toEqual(inOrder(accounts, 20));
});

it('publishes what another version wrote in its own way, although its type can’t be told without reading it', async () => {
  const accounts = accountsOf('otherwise');
  await write(accounts, 2);
  await database.query(`update ledger.outbox set envelope = envelope::jsonb::text where key like 'otherwise-%'`); // in another order
  const relay = await start('otherwise-0');
  await eventually(() => of('otherwise').length >= 24 * 2);
  await relay.stop();
  expect(versionsByAccount(of('otherwise'))).toEqual(inOrder(accounts, 2));
});
