import { testBroker } from '@landfall/local';
import { createLedgerTopics, startLedger, type LedgerApp } from '../../fixtures/ledger.app';
import { entries, entryAdded, statements, totals } from '../../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../../fixtures/ledger.database';
import { readStatements, readTotals } from '../../fixtures/ledger.topics';
import { eventually, sent } from '../../fixtures/messages';
import { SubjectMissing } from '../act/act.errors';
import { TopicAdministration } from './topic.administration';

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

it('publishes once more what the outbox has of a topic, or what was written since an instant, in order', async () => {
  const reader = await readTotals(brokers);
  await addToAll(1);
  const since = new Date((await database.query<{ now: Date }>('select clock_timestamp() as now'))[0]!.now).toISOString();
  await addToAll(2);
  await eventually(() => reader.all.length >= 2 * accounts.length);
  const administration = app.get(TopicAdministration);
  const published = async () => (await database.query<{ id: string }>(`select max(position) as id from ledger.relay_position`))[0]!.id;
  const written = (await database.query<{ id: string }>(`select max(id) as id from ledger.outbox`))[0]!.id;
  await eventually(async () => (await published()) === written);
  expect(await administration.republish(totals.name, since, by('r-1'))).toMatchObject({
    act: 'topic.republish',
    after: { messages: accounts.length },
  });
  await eventually(() => reader.all.length >= 3 * accounts.length);
  await eventually(async () => (await published()) === written);
  expect(await administration.republish(totals.name, undefined, by('r-2'))).toMatchObject({ after: { messages: 2 * accounts.length } });
  await eventually(() => reader.all.length >= 5 * accounts.length);
  expect(reader.seen).toHaveLength(2 * accounts.length); // under their ids
  for (const account of accounts) {
    const totalsOf = reader.all.filter(({ key }) => key === account).map(({ data }) => ('total' in data ? data.total : 0));
    expect(totalsOf.slice(-2)).toEqual([1, 3]);
  }
  await expect(administration.republish('landfall.ledger.none.v1', undefined, by('r-3'))).rejects.toThrow(SubjectMissing);
  await reader.stop();
}, 90_000);

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
}, 90_000);
