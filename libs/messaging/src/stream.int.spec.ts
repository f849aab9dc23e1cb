import { testBroker } from '@landfall/local';
import { createLedgerTopics, startLedger, type LedgerApp } from './fixtures/ledger.app';
import { entryAdded } from './fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from './fixtures/ledger.database';
import { inOrder, publish, readTotals, recordOf, versionsByAccount, type TopicReader } from './fixtures/ledger.topics';
import { sent } from './fixtures/messages';

const { brokers } = testBroker();
let database: LedgerDatabase;
let app: LedgerApp;
let reader: TopicReader;
beforeAll(async () => {
  database = await ledgerDatabase();
  await createLedgerTopics(brokers);
  app = await startLedger({ url: database.serviceUrl, brokers });
  reader = await readTotals(brokers);
});
afterAll(async () => {
  await reader?.stop();
  await app?.stop();
  await database?.drop();
});

it('carries every message through the service once and in order', async () => {
  const accounts = Array.from({ length: 40 }, (_, index) => `stream-${index}`);
  const messages = Array.from({ length: 50 }, () => accounts.map((account) => sent(entryAdded({ account, amount: 1 })))).flat();
  const t = Date.now();
  await publish(brokers, messages.map(recordOf));
  await reader.until(messages.length);
  console.log(Date.now() - t);
  expect(versionsByAccount(reader.seen)).toEqual(inOrder(accounts, 50));
});
