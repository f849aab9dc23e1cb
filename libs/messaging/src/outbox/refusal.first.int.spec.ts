import { Logger } from '@nestjs/common';
import { testBroker } from '@landfall/local';
import { ledgerKafka, partitions, startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { statementMade, statements } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { createLedgerTopics, readStatements } from '../fixtures/ledger.topics';
import { eventually } from '../fixtures/messages';
import { UnitOfWork } from '../unit-of-work';
import { makeEach } from '../topics/topics';

/** Nothing was ever published to the places of these messages, so the relay has no position there. */
const { brokers } = testBroker();
const admin = ledgerKafka(brokers).admin();
let database: LedgerDatabase;
let app: LedgerApp;
const refusedAt: { key: unknown; ms: number }[] = [];
jest.spyOn(Logger.prototype, 'error').mockImplementation((fields: unknown) => {
  const { topic, keyId } = fields as Record<string, unknown>;
  if (topic === statements.name) refusedAt.push({ key: keyId, ms: performance.now() });
});
beforeAll(async () => {
  database = await ledgerDatabase();
  await admin.connect();
  await create(20_000); // from its beginning: a change of a topic's settings takes a moment to count
  await createLedgerTopics(brokers);
  app = await startLedger({ url: database.serviceUrl, brokers });
});
afterAll(async () => {
  await app?.stop();
  await admin.disconnect();
  await database?.drop();
});

const create = (maxBytes: number) =>
  makeEach(admin, [
    {
      topic: statements.name,
      numPartitions: partitions,
      configEntries: [
        { name: 'cleanup.policy', value: 'compact' },
        { name: 'max.message.bytes', value: String(maxBytes) },
      ],
    },
  ]);
const allow = (maxBytes: number) =>
  admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: 2, name: statements.name, configEntries: [{ name: 'max.message.bytes', value: String(maxBytes) }] }],
  });
const write = (account: string, ...texts: string[]) =>
  app
    .get(UnitOfWork)
    .inTransaction((_tx, append) =>
      Promise.resolve(append(texts.map((text, index) => statementMade({ account, version: index + 1, text })))),
    );
const pausesMs = (key: string) => {
  const times = refusedAt.filter((refusal) => refusal.key === key).map(({ ms }) => ms);
  return times.slice(1).map((ms, index) => ms - times[index]!);
};

it('pauses before it tries the first message of a place again that a topic refuses', async () => {
  await write('alone', 'x'.repeat(100_000));
  await eventually(() => pausesMs('alone').length >= 2);
  expect(pausesMs('alone')[0]).toBeGreaterThan(450);
  expect(pausesMs('alone')[1]).toBeGreaterThan(900);
});

it('finds the first message of a place at fault among those it was sent with, and publishes what is before it', async () => {
  const reader = await readStatements(brokers);
  await write('crowd', 'first', 'second', 'x'.repeat(100_000), 'last');
  await eventually(() => pausesMs('crowd').length >= 1);
  const of = () => reader.seen.filter(({ key }) => key === 'crowd').map(({ data }) => data.version);
  expect(pausesMs('crowd')[0]).toBeGreaterThan(450);
  await eventually(() => of().length === 2);
  await allow(1_048_588);
  await eventually(() => of().length === 4);
  expect(of()).toEqual([1, 2, 3, 4]);
  await reader.stop();
});
