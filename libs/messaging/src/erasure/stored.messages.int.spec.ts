import { randomUUID } from 'node:crypto';
import { partitionOf } from '@landfall/contracts';
import { partitions, startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { withoutPersonalData } from './personal.data';
import { StoredMessages } from './stored.messages';

let database: LedgerDatabase;
let app: LedgerApp;
beforeAll(async () => {
  database = await ledgerDatabase();
  app = await startLedger({ url: database.serviceUrl });
});
afterAll(async () => {
  await app?.stop();
  await database?.drop();
});

const erase = (...keys: string[]) => app.get(StoredMessages).erase(keys);
const [about, other] = [randomUUID(), randomUUID()];

it.each([
  ['an address', '{"reason":"no licence for grace@fabrikam.example."}', '{"reason":"no licence for erased"}'],
  [
    'one that is escaped',
    String.raw`{"a":"grace\u0040fabrikam.example","b":"mailto:grace%40fabrikam.example"}`,
    '{"a":"erased","b":"erased"}',
  ],
  [
    'what is encrypted',
    '{"encryptedContact":"eyJh.b","kept": 1,"encryptedToken": "x"}',
    '{"encryptedContact":null,"kept": 1,"encryptedToken":null}',
  ],
  ['nothing', '{"planId":"gold","isEncrypted":true}', '{"planId":"gold","isEncrypted":true}'],
  ['nothing in a megabyte', 'x'.repeat(1_000_000), 'x'.repeat(1_000_000)],
])('takes out of a message %s', (_what, text, expected) => {
  expect(withoutPersonalData(text)).toBe(expected);
});

it('reaches every dead letter about a key, however many there are, and leaves those about others as they came', async () => {
  const letters = (id: string, count: number) =>
    database.query(
      `with blocked as (insert into ledger.blocked_key (consumer, key, state, reason, next_try_at) values ('c', $1, 'dead', 'r', now()) returning key)
       insert into ledger.dead_letter (consumer, key, message_id, value, partition, kafka_offset, reason)
       select 'c', key, gen_random_uuid(), convert_to('{"id":"' || key || '","to":"grace@fabrikam.example"}', 'UTF8') || '\\x00ff', 0, n, 'r'
         from blocked, generate_series(1, $2) as n`,
      [id, count],
    );
  await letters(about, 250);
  await letters(other, 3);
  await erase(about);
  const kept = await database.query<{ key: string; count: number }>(
    `select key, count(*)::int as count from ledger.dead_letter where position('grace@' in value) > 0 group by key`,
  );
  expect(kept).toEqual([{ key: other, count: 3 }]);
  expect(
    await database.query("select distinct encode(substring(value from length(value) - 1), 'hex') as end from ledger.dead_letter"),
  ).toEqual([{ end: '00ff' }]);
});

it('reaches every message of a key in an outbox of many pages, and no other one', async () => {
  await database.query(
    `insert into ledger.outbox (partition, topic, key, message_id, envelope)
     select $1, 'landfall.ledger.entries.v1', case when n % 11250 = 1 then $2 else $3 end, gen_random_uuid(), '{"to":"grace@fabrikam.example"}'
       from generate_series(1, 45001) as n`,
    [partitionOf(about, partitions), about, other],
  );
  await database.query(`insert into ledger.outbox_topic values ('landfall.ledger.entries.v1')`);
  await erase(about);
  await erase(about); // again, as after a crash
  const found = await database.query<{ key: string; count: number }>(
    `select key, envelope, count(*)::int as count from ledger.outbox group by key, envelope order by count`,
  );
  expect(found).toEqual([
    { key: about, envelope: '{"to":"erased"}', count: 5 },
    { key: other, envelope: '{"to":"grace@fabrikam.example"}', count: 44_996 },
  ]);
});
