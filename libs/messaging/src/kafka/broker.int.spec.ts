import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { startKafka, type RunningKafka } from '@landfall/local';
import { startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { entries, entryAdded } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { createLedgerTopics, inOrder, publish, readTotals, recordOf, versionsByAccount, type TopicReader } from '../fixtures/ledger.topics';
import { eventually, sent } from '../fixtures/messages';
import { KafkaServer } from './kafka.server';

let dir: string;
let kafka: RunningKafka;
let database: LedgerDatabase;
let app: LedgerApp;
let reader: TopicReader;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'landfall-broker-'));
  [kafka, database] = await Promise.all([startKafka({ dataDir: join(dir, 'kafka') }), ledgerDatabase()]); // its own broker: others go on while it dies
  await createLedgerTopics(kafka.brokers);
  app = await startLedger({ url: database.serviceUrl, brokers: kafka.brokers });
  reader = await readTotals(kafka.brokers);
});
afterAll(async () => {
  await reader?.stop();
  await app?.stop();
  await kafka?.kill(); // nobody needs its data
  await database?.drop();
  rmSync(dir, { recursive: true, force: true });
});

it('goes on by itself when the broker was killed and is back, and loses nothing', async () => {
  const accounts = Array.from({ length: 24 }, (_, index) => `broker-${index}`);
  const write = () =>
    app.driver.deliver(
      entries,
      accounts.map((account) => sent(entryAdded({ account, amount: 1 }))),
    );
  for (let round = 0; round < 10; round++) await write();
  await eventually(() => reader.seen.length > 0);
  await kafka.kill();
  for (let round = 0; round < 10; round++) await write(); // a service goes on writing while the broker is away
  app.get(KafkaServer).checkAlive();
  await kafka.restart();
  const more = Array.from({ length: 10 }, () => accounts.map((account) => recordOf(sent(entryAdded({ account, amount: 1 }))))).flat();
  await publish(kafka.brokers, more); // and consumes again
  await eventually(async () => (await database.query('select from ledger.accounts where version = 30')).length === 24);
  await eventually(() => reader.seen.length >= 24 * 30);
  expect(versionsByAccount(reader.seen)).toEqual(inOrder(accounts, 30));
});
