import { testBroker } from '@landfall/local';
import { ledgerKafka, startLedger, type LedgerApp, type LedgerOptions } from '../fixtures/ledger.app';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { createLedgerTopics } from '../fixtures/ledger.topics';
import { eventually } from '../fixtures/messages';
import { ReadingConsumer, readings, ReadingsSeen, readingsSql } from '../fixtures/reading.consumer';
import type { RawRecord } from '../handlers/records';
import type { FaultPoint } from '../ports';

const { brokers } = testBroker();
let database: LedgerDatabase;
let app: LedgerApp;
let reach: (point: FaultPoint) => void | Promise<void> = () => undefined;

const start = async (options: Partial<LedgerOptions> = {}) => {
  const ports = { reach: (point: FaultPoint) => reach(point), controllers: [ReadingConsumer], providers: [ReadingsSeen] };
  app = await startLedger({ url: database.serviceUrl, ...ports, ...options });
};

beforeAll(async () => {
  database = await ledgerDatabase();
  await database.query(readingsSql);
  await createLedgerTopics(brokers, [readings]);
});
beforeEach(async () => {
  reach = () => undefined;
  for (const table of ['readings', 'readings_refused', 'outbox']) await database.query(`delete from ledger.${table}`);
});
afterEach(() => app?.stop());
afterAll(() => database?.drop());

let offset = 0;
const record = (value: string, partition = 0): RawRecord => ({
  partition,
  offset: String(offset++),
  key: 'm',
  value: Buffer.from(value),
  headers: {},
});
const deliver = (...batch: RawRecord[]) => app.driver.deliverRecords(readings, batch);
const count = async (table: string) => (await database.query<{ count: number }>(`select count(*)::int from ledger.${table}`))[0]!.count;
const sent = async () => (await app.driver.sent('0')).envelopes.length;

it('commits what was taken and what is sent together, however often that fails, and remembers nothing', async () => {
  await start();
  const failures = ['57P01', 'ECONNRESET'];
  reach = async (point) => {
    if (point !== (failures.length === 2 ? 'batch.before-commit' : 'batch.after-commit')) return;
    const code = failures.shift();
    if (failures.length === 1) expect([await count('readings'), await count('outbox')]).toEqual([0, 0]); // not visible to anybody yet
    if (code) throw Object.assign(new Error('cut'), { code });
  };
  await deliver(record('1'), record('2'));
  expect([await count('readings'), await sent()]).toEqual([2, 2]);
  expect(app.get(ReadingsSeen).batches).toHaveLength(3);
  expect(app.get(ReadingsSeen).committed).toBe(2);
  for (const table of ['processed_message', 'dead_letter', 'blocked_key']) expect(await count(table)).toBe(0);
});

it('refuses just those of 500 records that SQL refuses, with their reasons, and takes all others', async () => {
  await start();
  const poisonous = new Map([
    [0, '-1'],
    [321, 'no number'],
    [322, '99999999999'],
    [499, '-7'],
  ]);
  const batch = Array.from({ length: 500 }, (_, index) => record(poisonous.get(index) ?? '1'));
  await deliver(...batch);
  expect([await count('readings'), await sent()]).toEqual([496, 496]);
  const refused = await database.query<{ value: string; reason: string }>(
    'select value, reason from ledger.readings_refused order by record_offset',
  );
  expect(refused.map(({ value }) => value)).toEqual([...poisonous.values()]);
  expect(refused[0]!.reason).toContain('readings_amount_check');
  expect(refused[1]!.reason).toContain('Postgres refused a value'); // and not which
  expect(app.get(ReadingsSeen).committed).toBe(500);
});

it('tells of a record that can not even be refused, and takes what comes before it', async () => {
  await start();
  const [good, bad] = [record('1'), record('not even refused')];
  await expect(deliver(good, bad)).rejects.toMatchObject({ code: 'RECORD_REFUSED', record: { offset: bad.offset } });
  expect([await count('readings'), await count('readings_refused')]).toEqual([1, 0]);
});

it('refuses nothing because the database is away', async () => {
  await start();
  let cuts = 0;
  reach = async (point) => {
    if (point === 'batch.before-commit' && cuts++ < 3) await database.cutSessions();
  };
  await deliver(record('1'), record('2'), record('3'));
  expect([cuts, await count('readings'), await count('readings_refused'), await sent()]).toEqual([4, 3, 0, 3]);
});

it('takes what Kafka delivers as it lies there, and again where its offsets were not committed', async () => {
  const producer = ledgerKafka(brokers).producer();
  await producer.connect();
  await producer.send({
    topic: readings.name,
    messages: [
      { key: 'a', value: '5', headers: { unit: 'kWh', twice: ['1', '2'] }, partition: 3 },
      { key: null, value: Buffer.from([255]), partition: 3 },
      { key: '', value: null, partition: 3 },
      { key: 'b', value: '6', partition: 4 },
    ],
  });
  await producer.disconnect();
  reach = (point) => {
    if (point === 'consumer.before-offsets') throw new Error('the coordinator is away');
  };
  const taken = async () => (await count('readings')) === 2 && (await count('readings_refused')) === 2;
  await start({ brokers });
  await eventually(taken);
  expect(app.get(ReadingsSeen).batches.flat()).toEqual(
    expect.arrayContaining([
      { partition: 3, offset: '0', key: 'a', value: Buffer.from('5'), headers: { unit: 'kWh', twice: '2' } },
      { partition: 3, offset: '2', key: null, value: Buffer.alloc(0), headers: {} },
    ]),
  );
  await app.stop();
  reach = () => undefined;
  await start({ brokers, instance: 'ledger-1' });
  await eventually(() => app.get(ReadingsSeen).committed === 4);
  expect([await count('readings'), await sent()]).toEqual([2, 2]);
  await eventually(async () => (await committed()) === 4);
});

async function committed(): Promise<number> {
  const admin = ledgerKafka(brokers).admin();
  await admin.connect();
  const [topic] = await admin.fetchOffsets({ groupId: `landfall.ledger.${readings.name}`, topics: [readings.name] });
  await admin.disconnect();
  return topic!.partitions.reduce((sum, { offset: each }) => sum + Math.max(0, Number(each)), 0);
}
