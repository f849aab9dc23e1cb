import { setTimeout as wait } from 'node:timers/promises';
import { encodeMessage, partitionOf } from '@landfall/contracts';
import { testBroker } from '@landfall/local';
import { Client } from 'pg';
import { partitions, startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { entries, entryAdded, totalChanged, totals } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { createLedgerTopics, inOrder, readTotals, versionsByAccount, type TopicReader } from '../fixtures/ledger.topics';
import { eventually, sent } from '../fixtures/messages';
import type { FaultPoint } from '../ports';

const { brokers } = testBroker();
let database: LedgerDatabase;
let app: LedgerApp;
let reader: TopicReader;
let reach: (point: FaultPoint) => Promise<void> | void = () => undefined;
beforeAll(async () => {
  database = await ledgerDatabase();
  await createLedgerTopics(brokers);
  app = await startLedger({ url: database.serviceUrl, brokers, reach: (point) => reach(point) });
  reader = await readTotals(brokers);
});
afterEach(() => (reach = () => undefined));
afterAll(async () => {
  await reader?.stop();
  await app?.stop();
  await database?.drop();
});

const add = (...accounts: string[]) =>
  app.driver.deliver(
    entries,
    accounts.map((account) => sent(entryAdded({ account, amount: 1 }))),
  );
const of = (name: string) => reader.seen.filter(({ key }) => key.startsWith(name));
const accountsOf = (name: string) => Array.from({ length: 24 }, (_, index) => `${name}-${index}`);

it('reads the one place that a commit wrote, once, and looks everywhere only now and then', async () => {
  await add('first');
  await eventually(() => of('first').length === 1);
  await wait(100); // what it was about is over
  const query = jest.spyOn(Client.prototype, 'query');
  for (let round = 0; round < 10; round++) {
    await add('one');
    await wait(100);
  }
  await eventually(() => of('one').length === 10);
  const reads = (query.mock.calls as unknown as [{ name?: string; values: unknown[][] }][]).map(([one]) => one);
  query.mockRestore();
  const ofPlaces = reads.filter(({ name }) => name === 'read places').map(({ values }) => values.slice(1, 3));
  expect(ofPlaces.length).toBeGreaterThanOrEqual(8); // one may fall into a look everywhere
  expect(ofPlaces.length).toBeLessThanOrEqual(10);
  expect(new Set(ofPlaces.map((one) => JSON.stringify(one)))).toEqual(
    new Set([JSON.stringify([[partitionOf('one', partitions)], [totals.name]])]),
  );
  expect(reads.filter(({ name }) => name === 'read').length).toBeLessThanOrEqual(2);
});

it('publishes in order what is committed while a read or a send is under way, wherever it is', async () => {
  const accounts = accountsOf('meanwhile');
  let sends = 0;
  reach = async (point) => {
    if (point !== 'relay.before-send' || sends++ >= 20) return;
    await add(...accounts); // to the places that were just read, and to others
  };
  await add(accounts[0]!);
  await eventually(() => sends > 20);
  const written = await database.query<{ id: string; version: number }>(
    `select id, version from ledger.accounts where id like 'meanwhile-%'`,
  );
  const count = written.reduce((sum, { version }) => sum + version, 0);
  await eventually(() => of('meanwhile').length >= count);
  const versions = versionsByAccount(of('meanwhile'));
  for (const { id, version } of written) expect(versions.get(id)).toEqual(inOrder([id], version).get(id));
});

it('finds within seconds what a process committed that died before it could tell, also while others never pause', async () => {
  const busy = { isOver: false };
  const others = (async () => {
    for (let round = 0; !busy.isOver; round++) await add(`busy-${round % 3}`);
  })();
  const message = sent(totalChanged({ account: 'untold', total: 1, version: 1 }));
  await database.query('select ledger.outbox_append($1::smallint[], $2::text[], $3::text[], $4::uuid[], $5::text)', [
    [partitionOf('untold', partitions)],
    [totals.name],
    ['untold'],
    [message.id],
    encodeMessage(message),
  ]);
  await eventually(() => of('untold').length === 1, 20_000);
  busy.isOver = true;
  await others;
});

it('publishes everything in order while partitions go from copy to copy', async () => {
  const accounts = accountsOf('moving');
  for (let round = 0; round < 5; round++) {
    const other = await startLedger({ url: database.serviceUrl, brokers, instance: 'ledger-1' });
    for (let more = 0; more < 20; more++) {
      await add(...accounts);
      await wait(20);
    }
    await other.stop();
  }
  await eventually(() => of('moving').length >= accounts.length * 100);
  expect(versionsByAccount(of('moving'))).toEqual(inOrder(accounts, 100));
});
