import { testBroker } from '@landfall/local';
import { Client } from 'pg';
import { startChild } from '../fixtures/child';
import { startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { entries, entryAdded, statementMade } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { add } from '../fixtures/ledger.service';
import { createLedgerTopics, readStatements } from '../fixtures/ledger.topics';
import { eventually, sent } from '../fixtures/messages';
import { changed } from '../handlers/outcome';
import { UnitOfWork } from '../unit-of-work';
import { OutboxReader } from './outbox.reader';
import { PartitionSetting } from './partition.setting';
import { Refusals } from './refusals';
import { RelayPartitions } from './relay.partitions';
import { UnreadPlaces } from './unread.places';

const { brokers } = testBroker();
const large = 500_000;
const accounts = Array.from({ length: 24 }, (_, index) => `large-${index}`);
const rounds = 5;
const written = accounts.length * rounds;
const readAtMost = 4 * 1024 * 1024 + 512 * 1024;

let database: LedgerDatabase;
let app: LedgerApp;
beforeAll(async () => {
  database = await ledgerDatabase();
  await createLedgerTopics(brokers);
  app = await startLedger({ url: database.serviceUrl }); // it only writes
  await app.get(PartitionSetting).establish();
  for (let version = 1; version <= rounds; version++) {
    for (const account of accounts) await write(account, version); // one by one: a transaction has 3.5 s, on a busy machine as well
  }
});
const write = (account: string, version: number) =>
  app.get(UnitOfWork).inTransaction((_tx, append) => {
    append([statementMade({ account, version, text: 'x'.repeat(large) })]);
    return Promise.resolve();
  });

afterAll(async () => {
  await app?.stop();
  await database?.drop();
});

it('reads a backlog of large messages by bytes, in order, and lets every partition have its turn', async () => {
  const client = new Client({ connectionString: database.serviceUrl });
  await client.connect();
  const partitions = new RelayPartitions(client, 'ledger');
  await partitions.join();
  await partitions.balance();
  const reader = new OutboxReader(client, 'ledger');
  const unread = new UnreadPlaces(); // everywhere, and then what a read leaves
  const seen: { partition: number; id: string }[] = [];
  const firstTurns = new Set<number>();
  while (seen.length < written) {
    const messages = await reader.read(partitions, new Refusals(), unread);
    expect(messages.length).toBeGreaterThan(0);
    expect(messages.reduce((sum, { envelope }) => sum + envelope.length, 0)).toBeLessThan(readAtMost);
    firstTurns.add(messages[0]!.partition);
    seen.push(...messages);
    partitions.advance(messages);
  }
  await client.end();
  for (const ids of Map.groupBy(seen, ({ partition }) => partition).values()) {
    const inOrder = ids.map(({ id }) => BigInt(id));
    expect(inOrder).toEqual(inOrder.toSorted((a, b) => (a < b ? -1 : 1)));
  }
  expect(firstTurns.size).toBeGreaterThan(1);
});

it('publishes a backlog of large messages within a small heap', async () => {
  const reader = await readStatements(brokers);
  const relay = await startChild({ url: database.serviceUrl, brokers, heapMb: 72 });
  const isPublished = eventually(() => reader.seen.length >= written).then(() => 'published');
  expect(await Promise.race([isPublished, relay.ended]).finally(() => reader.stop())).toBe('published');
  await relay.stop();
});

it('makes a dead letter of the one message whose decision says more than a message may hold', async () => {
  app.behaviour.decide = (account, message) => {
    const state = { id: message.key, total: 1, version: 1 };
    return message.key === 'talkative'
      ? changed(state, statementMade({ account: 'talkative', version: 1, text: 'x'.repeat(600_000) }))
      : add(account, message);
  };
  await app.driver.deliver(
    entries,
    ['quiet', 'talkative', 'calm'].map((account) => sent(entryAdded({ account, amount: 1 }))),
  );
  expect(await database.query('select key, state, reason from ledger.blocked_key')).toEqual([
    { key: 'talkative', state: 'dead', reason: expect.stringContaining('524288 are allowed') as string },
  ]);
  expect(await database.query(`select id from ledger.accounts order by id`)).toEqual([{ id: 'calm' }, { id: 'quiet' }]);
});
