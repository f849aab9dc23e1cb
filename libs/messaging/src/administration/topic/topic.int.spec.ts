import { partitionOf } from '@landfall/contracts';
import { testBroker } from '@landfall/local';
import { partitions, startLedger, type LedgerApp } from '../../fixtures/ledger.app';
import { entries, entryAdded, statements, totals } from '../../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../../fixtures/ledger.database';
import { createLedgerTopics, readStatements, readTotals } from '../../fixtures/ledger.topics';
import { eventually, sent } from '../../fixtures/messages';
import { SubjectMissing } from '../act/act.errors';
import { TopicAdministration, type Choice } from './topic.administration';

const { brokers } = testBroker();
const accounts = Array.from({ length: 24 }, (_, index) => `account-${String(index).padStart(2, '0')}`);
const by = (idempotencyKey: string) => ({ actor: 'operator-1', reason: 'the topic was made again', idempotencyKey, correlationId: 'c' });
let database: LedgerDatabase;
let app: LedgerApp;
beforeAll(async () => {
  database = await ledgerDatabase();
  await createLedgerTopics(brokers);
  app = await startLedger({ url: database.serviceUrl, brokers });
});
afterAll(async () => {
  await app?.stop();
  await database?.drop();
});

const addToAll = (amount: number) =>
  app.driver.deliver(
    entries,
    accounts.map((account) => sent(entryAdded({ account, amount }))),
  );

/** To the microsecond: cut to the millisecond it could be before what was written just now. */
const databaseTime = async () =>
  (
    await database.query<{ now: string }>(`select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now`)
  )[0]!.now;

it('publishes once more what the outbox has of a topic, or what was written since an instant, in order', async () => {
  const reader = await readTotals(brokers);
  await addToAll(1);
  const since = await databaseTime();
  await addToAll(2);
  await eventually(() => reader.all.length >= 2 * accounts.length);
  const administration = app.get(TopicAdministration);
  const published = async () => (await database.query<{ id: string }>(`select max(position) as id from ledger.relay_position`))[0]!.id;
  const written = (await database.query<{ id: string }>(`select max(id) as id from ledger.outbox`))[0]!.id;
  await eventually(async () => (await published()) === written);
  expect(await administration.republish(totals.name, { since }, by('r-1'))).toMatchObject({
    act: 'topic.republish',
    after: { messages: accounts.length },
  });
  await eventually(() => reader.all.length >= 3 * accounts.length);
  await eventually(async () => (await published()) === written);
  const readBefore = reader.all.length;
  expect(await administration.republish(totals.name, {}, by('r-2'))).toMatchObject({ after: { messages: 2 * accounts.length } });
  const totalsOf = (account: string) =>
    reader.all
      .slice(readBefore)
      .filter(({ key }) => key === account)
      .map(({ data }) => ('total' in data ? data.total : 0));
  const fromTheFirst = (account: string) => totalsOf(account).slice(totalsOf(account).lastIndexOf(1));
  await eventually(() => accounts.every((account) => totalsOf(account).includes(1) && fromTheFirst(account).length >= 2));
  expect(accounts.map((account) => fromTheFirst(account).slice(0, 2))).toEqual(accounts.map(() => [1, 3]));
  expect(reader.seen).toHaveLength(2 * accounts.length); // under their ids
  await expect(administration.republish('landfall.ledger.none.v1', {}, by('r-3'))).rejects.toThrow(SubjectMissing);
  await reader.stop();
});

it('publishes once more what was written in a time or for a key, under its ids, beside a relay that goes on and however often it is asked', async () => {
  const [account, other] = ['account-00', 'account-01'];
  const reader = await readTotals(brokers);
  const since = await databaseTime();
  await addToAll(5);
  const until = await databaseTime();
  await addToAll(7);
  const administration = app.get(TopicAdministration);
  const wholeTime = await administration.republish(totals.name, { since, until }, by('p-1'));
  expect(wholeTime).toMatchObject({ before: { since, until, key: null }, after: { messages: accounts.length } });
  const written = async () => {
    const rows = await database.query<{ id: string }>(
      `select message_id as id from ledger.outbox o where topic = $1 and key = $2 order by o.id`,
      [totals.name, account],
    );
    return rows.map(({ id }) => id);
  };
  const before = await written();
  const once = [...new Set(before)];
  for (const act of ['p-2', 'p-3'])
    expect(await administration.republish(totals.name, { key: account }, by(act))).toMatchObject({ after: { messages: once.length } });
  const both = { key: account, since, until };
  expect(await administration.republish(totals.name, both, by('p-4'))).toMatchObject({ after: { messages: 1 } });
  expect(await written()).toEqual([...before, ...once, ...once, once.at(-2)]); // in the order in which they were written first
  await addToAll(1);
  await eventually(() => {
    const delivered = reader.all.filter(({ key }) => key === account).map(({ id }) => id);
    const isNewThere = new Set(delivered).size > 2 && once.slice(-2).every((id) => delivered.filter((one) => one === id).length >= 3);
    return isNewThere && reader.all.filter(({ key }) => key === other).length >= 4;
  });
  await reader.stop();
});

it.each<[string, string, Choice, RegExp]>([
  [
    'what is older than the outbox is kept',
    totals.name,
    { since: '2020-01-01T00:00:00Z' },
    /kept for 31 days: nothing before \d{4}-\d\d-\d\dT/,
  ],
  ['a time that has passed out of it', totals.name, { until: '2020-01-01T00:00:00Z' }, /nothing before/],
  [
    'a range that ends before it begins',
    totals.name,
    { since: '2999-01-02T00:00:00Z', until: '2999-01-01T00:00:00Z' },
    /later than `since`/,
  ],
  ['a part of a compacted topic', statements.name, { key: 'account-00' }, /is compacted/],
])('refuses in words %s', async (_what, topic, choice, words) => {
  await database.query(`insert into ledger.outbox_topic values ($1) on conflict do nothing`, [statements.name]);
  const recorded = () => database.query<{ count: string }>('select count(*) as count from ledger.operator_act');
  const before = await recorded();
  await expect(app.get(TopicAdministration).republish(topic, choice, by(`x-${_what}`))).rejects.toThrow(words);
  expect(await recorded()).toEqual(before);
});

it('refuses in words what is more than one act does', async () => {
  await database.query(
    `insert into ledger.outbox (partition, topic, key, message_id, envelope)
     select $1, 'landfall.ledger.many.v1', 'one', gen_random_uuid(), '{}' from generate_series(1, 10001)`,
    [partitionOf('one', partitions)],
  );
  await database.query(`insert into ledger.outbox_topic values ('landfall.ledger.many.v1')`);
  const act = app.get(TopicAdministration).republish('landfall.ledger.many.v1', { key: 'one' }, by('many'));
  await expect(act).rejects.toThrow(/more than 10000 messages/);
});

it('rebuilds a compacted topic from the table, page by page', async () => {
  await database.query(`insert into ledger.accounts select 'more-' || i, 0, 7 from generate_series(1, 250) i`);
  const reader = await readStatements(brokers);
  const administration = app.get(TopicAdministration);
  const pages: unknown[] = [];
  let after: string | undefined;
  do {
    const act = await administration.rebuild(statements.name, after, by(`b-${pages.length}`));
    pages.push(act.after['messages']);
    after = (act.after['next'] as string | null) ?? undefined;
  } while (after !== undefined);
  expect(pages).toEqual([200, 250 + accounts.length - 200]);
  await eventually(() => reader.seen.length >= 250 + accounts.length);
  expect(reader.seen.find(({ key }) => key === 'more-250')).toMatchObject({ data: { version: 7, text: 'rebuilt' } });
  await expect(administration.rebuild(totals.name, undefined, by('b-none'))).rejects.toThrow(SubjectMissing);
  await reader.stop();
});
