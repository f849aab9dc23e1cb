import { DataSource } from 'typeorm';
import { startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { entries, entryAdded, noteAdded, totalChanged, type Entry } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import type { Account } from '../fixtures/ledger.service';
import { eventually, sent } from '../fixtures/messages';
import { changed, ignored, type Outcome } from '../handlers/outcome';

let database: LedgerDatabase;
let app: LedgerApp;

/** Keeps the highest amount, as what compares versions does: a message that comes again, at any time, changes nothing. */
function keepHighest(account: Account | undefined, message: Entry): Outcome<Account> {
  if (message.type === noteAdded.type) throw new Error('it can not be handled');
  const { amount } = message.data as { amount: number };
  if (account && account.version >= amount) return ignored('a higher one is known');
  const next = { id: message.key, total: amount, version: amount };
  return changed(next, totalChanged({ account: next.id, total: amount, version: amount }));
}

beforeAll(async () => {
  database = await ledgerDatabase();
  app = await startLedger({ url: database.serviceUrl });
  app.behaviour.decide = keepHighest;
  app.behaviour.isKnownByState = () => true;
});
afterAll(async () => {
  await app?.stop();
  await database?.drop();
});

const count = async (table: string) => (await database.query<{ count: number }>(`select count(*)::int from ledger.${table}`))[0]!.count;
const letters = (key: string) =>
  database.query<{ id: string }>('select message_id as id from ledger.dead_letter where key = $1 order by seq', [key]);
/** What has looked whether its messages are known, and waits for the state. */
const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%ledger.accounts%'`;
const amount = (account: string, of: number) => sent(entryAdded({ account, amount: of }));

it('does once what the state knows, however often and late it is delivered, and leaves no record of its id', async () => {
  const [first, second] = [amount('a', 5), amount('a', 7)];
  await app.driver.deliver(entries, [first, first]);
  await app.driver.deliver(entries, [first, second]);
  await Promise.all([1, 2, 3, 4].map(() => app.driver.deliver(entries, [second, first])));
  expect((await app.driver.sent('0')).envelopes).toMatchObject([{ data: { total: 5 } }, { data: { total: 7 } }]);
  expect(await count('processed_message')).toBe(0);
});

it('keeps one dead letter of each message, however often Kafka delivers it beside that', async () => {
  const failing = sent(noteAdded({ account: 'b', note: 'poison' }));
  const behind = amount('b', 3);
  for (let times = 0; times < 3; times += 1) await app.driver.deliver(entries, [failing, behind]);
  await app.driver.deliver(entries, [behind]);
  expect(await letters('b')).toEqual([{ id: failing.id }, { id: behind.id }]);
});

it('keeps one dead letter of each message, also where two copies find at the same time that it fails', async () => {
  const [failing, behind] = [sent(noteAdded({ account: 'f', note: 'poison' })), amount('f', 3)];
  await app.driver.deliver(entries, [amount('f', 1)]);
  const holder = await new DataSource({ type: 'postgres', url: database.url }).initialize();
  const copies = await holder.transaction(async (tx) => {
    await tx.query(`select from ledger.accounts where id = 'f' for update`);
    const delivered = [[failing], [failing, behind]].map((messages) => app.driver.deliver(entries, messages));
    await eventually(async () => (await database.query(waiting)).length === delivered.length);
    return delivered;
  });
  await Promise.all(copies);
  await holder.destroy();
  expect(await letters('f')).toEqual([{ id: failing.id }, { id: behind.id }]);
});

it('goes on remembering the others of its topic', async () => {
  app.behaviour.isKnownByState = ({ key }) => key === 'c';
  const before = await count('processed_message');
  await app.driver.deliver(entries, [amount('c', 1), amount('d', 1)]);
  expect(await count('processed_message')).toBe(before + 1);
});

it('remembers a message of which its author can not say whether the state knows it', async () => {
  app.behaviour.isKnownByState = () => {
    throw new TypeError('no such version');
  };
  const before = await count('processed_message');
  await app.driver.deliver(entries, [amount('e', 1)]);
  expect([await count('processed_message'), await letters('e')]).toEqual([before + 1, []]);
});
