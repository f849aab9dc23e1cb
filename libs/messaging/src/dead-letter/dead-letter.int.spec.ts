import { partitionOf } from '@landfall/contracts';
import { KafkaServer } from '../kafka/kafka.server';
import { partitions, startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { entries, entryAdded, noteAdded, type Entry } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { add } from '../fixtures/ledger.service';
import { sent } from '../fixtures/messages';
import { BatchProcessor } from '../consumer/batch.processor';
import { realRandomness } from '../ports';
import { DeadLetterRepository } from './dead-letter.repository';
import { RedeliveredBatch, redeliveredEntries } from './redelivered.batch';
import { DeadLetterAdministration } from '../administration/dead-letter/dead-letter.administration';
import { changed, notYet } from '../handlers/outcome';
import { received } from '../consumer/received';
import { inTransaction } from '../transaction';

let database: LedgerDatabase;
let app: LedgerApp;
beforeAll(async () => {
  database = await ledgerDatabase();
  app = await startLedger({ url: database.serviceUrl });
});
beforeEach(async () => {
  app.behaviour.decide = add;
  app.behaviour.enrich = () => Promise.resolve();
  app.behaviour.bypassesBlock = () => false;
  app.behaviour.key = ({ key }) => key;
  for (const table of ['accounts', 'dead_letter', 'blocked_key', 'outbox']) await database.query(`delete from ledger.${table}`);
});
afterAll(async () => {
  await app?.stop();
  await database?.drop();
});

const entry = (account: string, amount: number) => sent(entryAdded({ account, amount }));
const total = async (account: string) =>
  (await database.query<{ total: number }>('select total from ledger.accounts where id = $1', [account]))[0]?.total;
const blockedKeys = () => app.get(DeadLetterAdministration).blockedKeys();
const amounts = async () => ((await app.driver.sent('0')).envelopes as { data: { total: number } }[]).map(({ data }) => data.total);
const poisonous = (amount: number) => (message: Entry) => 'amount' in message.data && message.data.amount === amount;
const throwAt = (isPoison: (message: Entry) => boolean, error: unknown = new TypeError('cannot read it')) => {
  app.behaviour.decide = (account, message) => {
    if (isPoison(message)) throw error;
    return add(account, message);
  };
};

it('blocks the key of a poison message, and nothing else', async () => {
  throwAt(poisonous(13));
  await app.driver.deliver(entries, [entry('a', 1), entry('p', 1), entry('p', 13), entry('b', 1), entry('p', 1), entry('a', 1)]);
  await app.driver.deliver(entries, [entry('b', 1), entry('p', 1)]);
  expect([await total('a'), await total('b'), await total('p')]).toEqual([2, 2, 1]);
  expect(await blockedKeys()).toMatchObject([
    { key: 'p', state: 'failing', attempts: 1, messages: 3, reason: 'TypeError: cannot read it' },
  ]);
});

it('holds up what has the key of the same state, in order, and not the rest of what Kafka keys alike', async () => {
  const orders = ({ data, key }: Entry) => ('note' in data ? `${key}/note` : `${key}/entry`);
  app.behaviour.key = orders;
  let isMissing = true;
  const decided: string[] = [];
  app.behaviour.decide = (_account, message) => {
    if ('note' in message.data && isMissing) return notYet('the operation is not visible');
    decided.push('note' in message.data ? message.data.note : String(message.data.amount));
    return changed({ id: orders(message), total: 1, version: 1 });
  };
  const note = (text: string) => sent(noteAdded({ account: 's', note: text }));
  await app.driver.deliver(entries, [note('first'), entry('s', 1), note('second')]);
  await app.driver.deliver(entries, [entry('s', 2), note('third')]);
  expect(decided).toEqual(['1', '2']);
  expect(await blockedKeys()).toMatchObject([{ key: 's/note', state: 'waiting', messages: 3 }]);
  isMissing = false;
  await app.driver.redeliver();
  expect([decided, await blockedKeys()]).toEqual([['1', '2', 'first', 'second', 'third'], []]);
});

it('makes a dead letter of a message for which the key of its state can not be told', async () => {
  app.behaviour.key = ({ key }) => {
    if (key === 'k') throw new TypeError('no operation');
    return key;
  };
  await app.driver.deliver(entries, [entry('k', 1), entry('l', 1)]);
  expect(await total('l')).toBe(1);
  expect(await blockedKeys()).toMatchObject([{ key: 'k', state: 'dead', reason: expect.stringContaining('no operation') as string }]);
});

it('keeps later messages of a blocked key behind it and redelivers them in order', async () => {
  throwAt(poisonous(10));
  await app.driver.deliver(entries, [entry('p', 1), entry('p', 10), entry('p', 100)]);
  await app.driver.deliver(entries, [entry('p', 1000)]);
  await app.driver.redeliver();
  expect(await blockedKeys()).toMatchObject([{ key: 'p', attempts: 2, messages: 3 }]);
  app.behaviour.decide = add;
  await app.driver.redeliver();
  expect(await blockedKeys()).toEqual([]);
  expect(await amounts()).toEqual([1, 11, 111, 1111]);
});

it('redelivers longer queues than one round takes, in order, while new messages come in', async () => {
  throwAt(poisonous(1));
  const messages = Array.from({ length: 70 }, (_, index) => entry('p', index + 1));
  await app.driver.deliver(entries, messages.slice(0, 60));
  app.behaviour.decide = add;
  const coming = messages.slice(60).map((message) => () => app.driver.deliver(entries, [message]));
  while ((await blockedKeys()).length > 0) await Promise.all([app.driver.redeliver(), coming.shift()?.()]);
  for (const deliver of coming) await deliver();
  const sums = messages.map((_, index) => ((index + 1) * (index + 2)) / 2);
  expect(await amounts()).toEqual(sums);
});

it('redelivers large messages by bytes, every key and each in order', async () => {
  const large = (account: string, note: string) => sent(noteAdded({ account, note: note + 'x'.repeat(500_000) }));
  const keys = Array.from({ length: 12 }, (_, index) => `large-${index}`);
  app.behaviour.decide = () => notYet('too early');
  await app.driver.deliver(
    entries,
    keys.flatMap((key) => [large(key, '1'), large(key, '2')]),
  );
  const first = await inTransaction(app.dataSource, (tx) =>
    app.get(DeadLetterRepository).first(tx, `ledger.${entries.name}`, keys, 20, 4 * 1024 * 1024),
  );
  expect(first.reduce((sum, { value }) => sum + value.length, 0)).toBeLessThan(5 * 1024 * 1024);
  const decided: string[] = [];
  app.behaviour.decide = (_account, message) => {
    decided.push(`${message.key} ${'note' in message.data ? message.data.note[0] : ''}`);
    return changed({ id: message.key, total: 1, version: 1 });
  };
  for (let rounds = 0; rounds < 4; rounds++) await app.driver.redeliver();
  expect(await blockedKeys()).toEqual([]);
  expect(decided.toSorted()).toEqual(keys.flatMap((key) => [`${key} 1`, `${key} 2`]).toSorted());
});

it('redelivers a key once although two copies try at the same time', async () => {
  throwAt(poisonous(1));
  const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
  await app.driver.deliver(
    entries,
    keys.flatMap((key) => [entry(key, 1), entry(key, 2)]),
  );
  app.behaviour.decide = add;
  const rows = await database.query<{ consumer: string; key: string; attempts: number; lease: number }>(
    'select consumer, key, attempts, lease from ledger.blocked_key',
  );
  const messages = await database.query<{
    seq: string;
    key: string;
    message_id: string;
    value: Buffer;
    partition: number;
    kafka_offset: string;
    added_at: Date;
  }>('select * from ledger.dead_letter order by seq');
  const deadLetters = messages.map((row) => ({
    seq: row.seq,
    key: row.key,
    messageId: row.message_id,
    value: row.value,
    partition: row.partition,
    offset: row.kafka_offset,
    addedAt: row.added_at,
    ageMs: 0,
  }));
  const [handler] = await app.get(KafkaServer).serve();
  const batches = app.get(BatchProcessor);
  const batch = () => new RedeliveredBatch(handler!, rows, 'ledger', app.get(DeadLetterRepository), realRandomness);
  await Promise.all([1, 2, 3].map(() => batches.process(batch(), redeliveredEntries(handler!, deadLetters))));
  expect(await blockedKeys()).toEqual([]);
  expect((await amounts()).sort()).toEqual(keys.flatMap(() => [1, 3]).sort());
});

it('never redelivers behind a head that failed, also where SQL refuses and the round is halved', async () => {
  throwAt((message) => message.type === entryAdded.type);
  const keys = ['r1', 'r2', 'r3'];
  await app.driver.deliver(
    entries,
    keys.flatMap((key) => [entry(key, key === 'r2' ? -500 : 1), entry(key, 10), entry(key, 100)]),
  );
  app.behaviour.decide = add;
  await app.driver.redeliver();
  expect(await blockedKeys()).toMatchObject([{ key: 'r2', state: 'failing', attempts: 2, messages: 3 }]);
  expect([await total('r1'), await total('r2'), await total('r3')]).toEqual([111, undefined, 111]);
});

it('counts the attempts of the message that failed where SQL refuses a round and its key is split', async () => {
  throwAt((message) => message.type === entryAdded.type);
  await app.driver.deliver(entries, [entry('s', 1), entry('s', -500), entry('s', 2)]);
  for (let attempt = 2; attempt < 5; attempt++) await app.driver.redeliver();
  expect(await blockedKeys()).toMatchObject([{ key: 's', attempts: 4, messages: 3 }]);
  app.behaviour.decide = add;
  await app.driver.redeliver();
  expect(await blockedKeys()).toMatchObject([
    { key: 's', state: 'failing', attempts: 1, messages: 2, reason: expect.stringContaining('accounts_total_check') as string },
  ]);
  expect(Date.parse((await blockedKeys())[0]!.nextTryAt!)).toBeGreaterThan(Date.now()); // about a second later
});

it('calls a key dead after its last attempt or a permanent error, and keeps what comes behind', async () => {
  throwAt(poisonous(1), Object.assign(new Error('never'), { retriable: false }));
  await app.driver.deliver(entries, [entry('permanent', 1)]);
  throwAt(poisonous(1));
  await app.driver.deliver(entries, [entry('tired', 1)]);
  for (let attempt = 0; attempt < 40; attempt++) await app.driver.redeliver();
  await app.driver.deliver(entries, [entry('tired', 2)]);
  expect(await blockedKeys()).toMatchObject([
    { key: 'permanent', state: 'dead', attempts: 1 },
    { key: 'tired', state: 'dead', attempts: 30, messages: 2 },
  ]);
});

it('keeps bytes that cannot be read as they came, under their key or their partition, and the stream goes on', async () => {
  const [handler] = await app.get(KafkaServer).serve();
  const record = (value: Buffer | null, kafkaKey: string | null, decodedAs: Parameters<typeof received>[2]) =>
    received(
      handler!.stages,
      { partition: partitionOf('q', partitions), offset: String(Math.random()).slice(2), value, kafkaKey },
      decodedAs,
    );
  const broken = { kind: 'broken', reason: 'the value is not a JSON object' } as const;
  await app
    .get(BatchProcessor)
    .deliver(handler!, [record(Buffer.from([0, 255, 1]), 'q', broken), record(Buffer.from('{'), null, broken), record(null, null, broken)]);
  await app.driver.deliver(entries, [entry('fine', 1), entry('q', 1)]);
  expect(await total('fine')).toBe(1);
  expect(await total('q')).toBeUndefined();
  const keys = await blockedKeys();
  expect(keys.map(({ key, state, messages }) => [key, state, messages]).sort()).toEqual(
    [
      [`partition ${partitionOf('q', partitions)}`, 'dead', 2],
      ['q', 'dead', 2],
    ].sort(),
  );
  const [{ value }] = (await database.query<{ value: Buffer }>(
    `select value from ledger.dead_letter where key = 'q' order by seq limit 1`,
  )) as [{ value: Buffer }];
  expect(value).toEqual(Buffer.from([0, 255, 1]));
});

it('lets a message bypass the block that makes the earlier ones obsolete', async () => {
  throwAt(poisonous(13));
  app.behaviour.bypassesBlock = poisonous(1000);
  await app.driver.deliver(entries, [entry('p', 13), entry('p', 1), entry('p', 1000)]);
  expect([await total('p'), (await blockedKeys())[0]?.messages]).toEqual([1000, 2]);
});

it('lets an operator retry or discard a dead key, and keeps who did it and why', async () => {
  throwAt(poisonous(13), Object.assign(new Error('never'), { retriable: false }));
  await app.driver.deliver(entries, [entry('o', 13), entry('o', 1)]);
  const { id } = (await blockedKeys())[0]!;
  const administration = app.get(DeadLetterAdministration);
  const act = { actor: 'operator-1', reason: 'the cause is mended' };
  await administration.retry(id, { ...act, idempotencyKey: 'o-1', correlationId: 'c' });
  await app.driver.redeliver();
  expect(await blockedKeys()).toMatchObject([{ key: 'o', state: 'dead' }]);
  await administration.discard(id, { ...act, idempotencyKey: 'o-2', correlationId: 'c' });
  await app.driver.redeliver();
  expect([await total('o'), await blockedKeys()]).toEqual([1, []]);
  await expect(administration.discard(id, { ...act, idempotencyKey: 'o-3', correlationId: 'c' })).rejects.toMatchObject({
    code: 'NOT_BLOCKED',
  });
  expect(await database.query('select act, actor, reason from ledger.operator_act order by id')).toEqual([
    { act: 'dead-letter.retry', ...act },
    { act: 'dead-letter.discard', ...act },
  ]);
});
