import { groupOf } from '@landfall/contracts';
import { testBroker } from '@landfall/local';
import { ledgerKafka, startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { createLedgerTopics } from '../fixtures/ledger.topics';
import { eventually } from '../fixtures/messages';
import { ReadingConsumer, readings, ReadingsSeen, readingsSql } from '../fixtures/reading.consumer';
import type { FaultPoint } from '../ports';
import { ReadMarks } from './read.marks';

const { brokers } = testBroker();
let database: LedgerDatabase;
let reading: LedgerApp;
let asking: LedgerApp;
let reach: (point: FaultPoint) => void | Promise<void> = () => undefined;

const ports = { reach: (point: FaultPoint) => reach(point), controllers: [ReadingConsumer], providers: [ReadingsSeen] };

beforeAll(async () => {
  database = await ledgerDatabase();
  await database.query(readingsSql);
  await createLedgerTopics(brokers, [readings]);
  reading = await startLedger({ url: database.serviceUrl, brokers, ...ports });
  asking = await startLedger({ url: database.serviceUrl, brokers, instance: 'ledger-1', ...ports });
  await eventually(bothRead); // who joins later makes the other one commit first, which is held up below
});
afterAll(async () => {
  await Promise.all([reading?.stop(), asking?.stop()]);
  await database?.drop();
});

async function bothRead(): Promise<boolean> {
  const admin = ledgerKafka(brokers).admin();
  await admin.connect();
  const { groups } = await admin.describeGroups([groupOf(`ledger.${readings.name}`)]).finally(() => admin.disconnect());
  return groups[0]!.state === 'Stable' && groups[0]!.members.length === 2;
}

async function write(...values: string[]): Promise<void> {
  const producer = ledgerKafka(brokers).producer();
  await producer.connect();
  await producer.send({ topic: readings.name, messages: values.map((value) => ({ value })) });
  await producer.disconnect();
}
const askedAt = (now: number) => asking.get(ReadMarks).readUntil([readings], now);

it('says until when all that Kafka had is handled by whichever copy, and never before its offsets are committed', async () => {
  const committed = Promise.withResolvers<void>();
  reach = (point) => (point === 'consumer.before-offsets' ? committed.promise : undefined);
  await write('1', '2', '3');
  await eventually(async () => (await database.query<{ count: number }>('select count(*)::int from ledger.readings'))[0]!.count === 3);
  expect(await askedAt(100)).toBe(-Infinity);
  committed.resolve();
  await eventually(async () => (await askedAt(200)) >= 100); // the moment of the first question was waited for
  await eventually(async () => (await askedAt(300)) === 300);
});

it('rejects where Kafka is away: nobody knows then', async () => {
  const away = await startLedger({ url: database.serviceUrl, ...ports });
  await expect(away.get(ReadMarks).readUntil([readings], 1)).rejects.toThrow();
  await away.stop();
});
