import { Logger } from '@nestjs/common';
import { contentType, encodeMessage } from '@landfall/contracts';
import { testBroker } from '@landfall/local';
import fc from 'fast-check';
import { register } from 'prom-client';
import { ledgerKafka, partitions, startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { audit, entries, entryAdded, type Entry } from '../fixtures/ledger.contract';
import { createLedgerTopics } from '../fixtures/ledger.topics';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { add } from '../fixtures/ledger.service';
import { eventually, sent } from '../fixtures/messages';
import { changed, notYet } from '../handlers/outcome';

fc.configureGlobal({ seed: Number(process.env['ODD_RECORDS_SEED'] ?? 1) });

const { brokers } = testBroker();
let database: LedgerDatabase;
let app: LedgerApp;
const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
beforeAll(async () => {
  database = await ledgerDatabase();
  await createLedgerTopics(brokers);
  app = await startLedger({ url: database.serviceUrl, brokers });
});
afterAll(async () => {
  await app?.stop();
  await database?.drop();
});

interface OddRecord {
  readonly key: Buffer | string | null;
  readonly value: Buffer | string | null;
}

const oddText = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    'x\udc00y',
    'x'.repeat(6_000),
    'ä'.repeat(3_000),
    '__proto__',
    '\u2028',
    "'; drop table x; --",
    '%00',
  ),
  fc.string({ unit: 'binary', maxLength: 50 }),
);
const oddValue = fc.oneof(oddText, fc.constantFrom<unknown>(null, 0, -1, 1e308, true, [], {}, [null], { a: 1 }));
const good = () => JSON.parse(encodeMessage(sent(entryAdded({ account: 'odd', amount: 1 })))) as Record<string, unknown>;
/** An envelope of which some members are odd. `JSON.stringify` writes half characters as escapes, which is how they travel. */
const oddEnvelope = fc
  .dictionary(
    fc.constantFrom(
      'id',
      'source',
      'type',
      'subject',
      'time',
      'specversion',
      'sequence',
      'epoch',
      'correlationid',
      'causationid',
      'traceparent',
      'data',
    ),
    oddValue,
    { minKeys: 1, maxKeys: 4 },
  )
  .map((odd) => JSON.stringify({ ...good(), ...odd }));
const oddData = fc
  .record({ account: oddValue, amount: fc.oneof(fc.integer(), oddValue) })
  .map((data) => JSON.stringify({ ...good(), data }));
const oddRecord: fc.Arbitrary<OddRecord> = fc.record({
  key: fc.oneof(fc.constant(null), oddText, fc.uint8Array({ maxLength: 40 }).map(Buffer.from)),
  value: fc.oneof(
    { weight: 4, arbitrary: oddEnvelope },
    { weight: 2, arbitrary: oddData },
    { weight: 1, arbitrary: oddText },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }).map(Buffer.from) },
    { weight: 1, arbitrary: fc.constantFrom(null, '[]', 'null', '{}', '['.repeat(20_000), '{"a":'.repeat(20_000)) },
  ),
});

/** Those that a good message becomes by one odd member, for certain. */
const oddKeys = ['a\0b', '\ud800', 'x'.repeat(6_000)].flatMap((subject) =>
  [0, 1, 2].map((amount) => ({
    key: subject,
    value: JSON.stringify({ ...good(), subject, correlationid: subject, data: { account: 'odd', amount } }),
  })),
);

/** To a partition each, whatever their keys: products may write to any. */
async function publish(records: readonly (OddRecord & { partition: number })[]): Promise<void> {
  const producer = ledgerKafka(brokers).producer({
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition!,
  });
  await producer.connect();
  const messages = records.map((record) => ({ ...record, headers: { 'content-type': contentType } }));
  await producer.send({ topic: entries.name, messages, acks: -1 });
  await producer.disconnect();
}
const goodRecords = (name: string) =>
  Array.from({ length: partitions }, (_, partition) => {
    const account = `${name}-${partition}`;
    return { key: account, value: encodeMessage(sent(entryAdded({ account, amount: 1 }))), partition };
  });
const handled = (name: string) => database.query('select from ledger.accounts where id like $1', [`${name}-%`]);

/** The author's part makes it worse: it says in its reasons what the record says, and asks for jobs by it. */
const careless = (account: Parameters<typeof add>[0], message: Entry) => {
  if (!message.key.startsWith('odd') && !message.key.startsWith('good')) {
    if ('amount' in message.data && message.data.amount % 3 === 0) return notYet(`${message.key} is unknown`);
    if ('amount' in message.data && message.data.amount % 3 === 1) throw new Error(`${message.key} \0 \ud800`);
  }
  return changed({ id: message.key, total: 1, version: (account?.version ?? 0) + 1 }, audit({ account: message.key, wish: 1 }));
};

it('handles what comes behind odd records, whatever they are, and keeps those as dead letters', async () => {
  app.behaviour.decide = careless;
  app.behaviour.enrich = ({ key, data }) =>
    'amount' in data && data.amount === 0 ? Promise.reject(new Error(`Microsoft does not know ${key}`)) : Promise.resolve();
  app.behaviour.bypassesBlock = ({ key }) => {
    if (key.startsWith('odd')) throw new TypeError('no such operation');
    return false;
  };
  const records = [...oddKeys, ...fc.sample(oddRecord, 400)].map((record, index) => ({
    ...record,
    partition: index % partitions,
  }));
  const half = records.length >> 1;
  await publish([...records.slice(0, half), ...goodRecords('good-first'), ...records.slice(half), ...goodRecords('good-last')]);
  try {
    await eventually(async () => (await handled('good-first')).length === partitions && (await handled('good-last')).length === partitions);
  } catch (error) {
    throw new Error(`The good ones were not handled: ${JSON.stringify(logged.mock.calls.at(-1))}`, {
      cause: error,
    });
  }
  expect((await database.query('select from ledger.dead_letter')).length).toBeGreaterThan(50);
});

it('names the record that can not even become a dead letter, shows it, and goes on by itself when it can', async () => {
  app.behaviour.decide = (account, message) => {
    if (message.key === 'refused') throw new Error('cannot be handled');
    return add(account, message);
  };
  await database.query(`alter table ledger.dead_letter add constraint full_up check (key <> 'refused')`);
  logged.mockClear();
  const partition = 3;
  await publish([
    { key: 'refused', value: encodeMessage(sent(entryAdded({ account: 'refused', amount: 1 }))), partition },
    ...goodRecords('behind'),
  ]);
  const [fields] = await eventually(() => logged.mock.calls.find(([one]) => (one as { keyId?: string }).keyId === 'refused'));
  expect(fields).toMatchObject({ consumer: `ledger.${entries.name}`, partition, offset: expect.any(String) as string });
  const stood = (await register.metrics()).split('\n').find((line) => line.startsWith('consumer_refused_age_seconds{'));
  expect(Number(stood!.split(' ').at(-1))).toBeGreaterThan(0);
  await database.query('alter table ledger.dead_letter drop constraint full_up');
  await eventually(async () => (await handled('behind')).length === partitions);
  expect(await database.query(`select state from ledger.blocked_key where key = 'refused'`)).toEqual([{ state: 'failing' }]);
});
