import { Logger } from '@nestjs/common';
import { testBroker } from '@landfall/local';
import { register } from 'prom-client';
import { ledgerKafka, partitions, startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { statementMade, statements, totalChanged } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { createLedgerTopics, inOrder, readStatements, readTotals, versionsByAccount, type TopicReader } from '../fixtures/ledger.topics';
import { eventually } from '../fixtures/messages';
import { UnitOfWork } from '../unit-of-work';
import { makeEach } from '../topics/topics';

const { brokers } = testBroker();
const admin = ledgerKafka(brokers).admin();
const accounts = Array.from({ length: 24 }, (_, index) => `account-${index}`);
let database: LedgerDatabase;
let app: LedgerApp;
let totalsRead: TopicReader;
const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
beforeAll(async () => {
  database = await ledgerDatabase();
  await createLedgerTopics(brokers);
  await admin.connect();
  app = await startLedger({ url: database.serviceUrl, brokers });
  totalsRead = await readTotals(brokers);
});
afterAll(async () => {
  await totalsRead?.stop();
  await app?.stop();
  await admin.disconnect();
  await database?.drop();
});

const state = (account: string, version: number, text = '') => statementMade({ account, version, text });
const write = (...messages: Parameters<typeof state>[]) =>
  app.get(UnitOfWork).inTransaction((_tx, append) => Promise.resolve(append(messages.map((message) => state(...message)))));
/** To both topics, one transaction per version. */
async function writeBoth(from: number, to: number): Promise<void> {
  for (let version = from; version <= to; version++) {
    await app.get(UnitOfWork).inTransaction((_tx, append) => {
      append(accounts.flatMap((account) => [state(account, version), totalChanged({ account, total: 0, version })]));
      return Promise.resolve();
    });
  }
}
const refusals = () =>
  logged.mock.calls.map(([fields]) => fields as Record<string, unknown>).filter(({ topic }) => topic === statements.name);
const pendingAge = async (topic: string) => {
  const line = (await register.metrics())
    .split('\n')
    .find((one) => one.startsWith('outbox_oldest_pending_seconds{') && one.includes(topic));
  return Number(line?.split(' ').at(-1));
};
const create = (maxBytes?: number) =>
  makeEach(admin, [
    {
      topic: statements.name,
      numPartitions: partitions,
      configEntries: maxBytes ? [{ name: 'max.message.bytes', value: String(maxBytes) }] : [],
    },
  ]);

it('publishes everything else once while a topic does not exist, and what waited when it is there again', async () => {
  await writeBoth(1, 3);
  await eventually(() => totalsRead.all.length >= accounts.length * 3);
  await admin.deleteTopics({ topics: [statements.name] });
  await writeBoth(4, 10);
  await eventually(() => totalsRead.seen.length >= accounts.length * 10);
  await eventually(() => refusals().some(({ attempts }) => Number(attempts) >= 3)); // it was tried again, and nothing else was sent again by that
  await writeBoth(11, 12);
  await eventually(() => totalsRead.seen.length >= accounts.length * 12);
  expect(totalsRead.all.length).toBeLessThan(accounts.length * 24); // three and more tries: everything again with each would be more
  expect(versionsByAccount(totalsRead.seen)).toEqual(inOrder(accounts, 12));
  expect(refusals()[0]).toMatchObject({
    topic: statements.name,
    partition: expect.any(Number) as number,
    messageId: expect.any(String) as string,
    reason: expect.stringContaining('UNKNOWN_TOPIC_OR_PARTITION') as string,
  });
  expect(await pendingAge(statements.name)).toBeGreaterThan(0.5);
  await create();
  const reader = await readStatements(brokers);
  await eventually(() => reader.seen.filter(({ data }) => data.version === 12).length === accounts.length);
  await reader.stop();
  await eventually(async () => (await pendingAge(statements.name)) === 0);
});

it('lets a partition wait alone whose message a topic refuses, names it, and keeps what the others were acknowledged', async () => {
  await admin.deleteTopics({ topics: [statements.name] });
  await create(20_000);
  const reader = await readStatements(brokers);
  logged.mockClear();
  await write(...accounts.map((account): [string, number, string] => [account, 1, account === 'account-3' ? 'x'.repeat(100_000) : '']));
  await write(...accounts.map((account): [string, number] => [account, 2]));
  const waiting = new Set(
    await database
      .query<{ key: string }>(
        `select key from ledger.outbox where partition = (select partition from ledger.outbox where key = 'account-3' limit 1)`,
      )
      .then((rows) => rows.map(({ key }) => key)),
  );
  const others = accounts.filter((account) => !waiting.has(account));
  const of = (account: string) => reader.seen.filter(({ key }) => key === account).map(({ data }) => data.version);
  await eventually(() => others.every((account) => of(account).length >= 2));
  const atFault = await eventually(() => refusals().find(({ attempts }) => attempts === 2));
  expect(atFault).toMatchObject({
    keyId: 'account-3',
    partition: expect.any(Number) as number,
    reason: expect.stringContaining('TOO_LARGE') as string,
  });
  expect(others.map(of)).toEqual(others.map(() => [1, 2]));
  const read = reader.all.length; // a topic that has just been made may have been sent the same a few times
  await eventually(() => refusals().some(({ attempts }) => Number(attempts) >= 4));
  expect(reader.all.length - read).toBeLessThan(others.length); // two more tries, and the others were not sent again with each
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: 2, name: statements.name, configEntries: [{ name: 'max.message.bytes', value: '1048588' }] }],
  });
  await eventually(() => of('account-3').length >= 2);
  expect(accounts.map(of)).toEqual(accounts.map(() => [1, 2]));
  await reader.stop();
});

it('sends several messages apart that a topic takes one by one and not together', async () => {
  const reader = await readStatements(brokers);
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: 2, name: statements.name, configEntries: [{ name: 'max.message.bytes', value: '20000' }] }],
  });
  const versions = Array.from({ length: 20 }, (_, index) => index + 1);
  await write(...versions.map((version): [string, number, string] => ['many', version, 'x'.repeat(8_000)]));
  const of = () => reader.seen.filter(({ key }) => key === 'many').map(({ data }) => data.version);
  await eventually(() => of().length >= versions.length);
  expect(of()).toEqual(versions);
  await reader.stop();
});
