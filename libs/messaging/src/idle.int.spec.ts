import { setTimeout as wait } from 'node:timers/promises';
import { testBroker } from '@landfall/local';
import { Client } from 'pg';
import { startLedger, type LedgerApp } from './fixtures/ledger.app';
import { entries, entryAdded } from './fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from './fixtures/ledger.database';
import { createLedgerTopics, readTotals, type TopicReader } from './fixtures/ledger.topics';
import { eventually, sent } from './fixtures/messages';

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

/** Statements that this process sends in so many seconds; each transaction has three at least. Some twenty are usual, more where a round more falls into the time. */
async function statementsIn(seconds: number): Promise<number> {
  const query = jest.spyOn(Client.prototype, 'query');
  await wait(seconds * 1_000);
  const { length } = query.mock.calls;
  query.mockRestore();
  return length;
}

it('asks the database for little while nothing happens', async () => {
  await app.driver.deliver(entries, [sent(entryAdded({ account: 'first', amount: 1 }))]);
  await eventually(() => reader.seen.length === 1);
  await wait(4_000); // the relay looks less and less often
  expect(await statementsIn(5)).toBeLessThanOrEqual(50);
});
