import { Client } from 'pg';
import { startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { entries, entryAdded, totalChanged } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { lockAccounts, saveAccounts, type Account } from '../fixtures/ledger.service';
import {
  idCursor,
  snapshotGateWithIdCursor,
  snapshotGateWithTransactionCursor,
  type NaiveReader,
  type OutboxEntry,
} from '../fixtures/naive.readers';
import { eventually, sent } from '../fixtures/messages';
import { UnitOfWork } from '../unit-of-work';
import { PartitionSetting, PartitionsChanged } from './partition.setting';
import { Maintenance } from './maintenance';
import { Outbox } from './outbox';
import { OutboxReader } from './outbox.reader';
import { Refusals } from './refusals';
import { RelayPartitions } from './relay.partitions';

const accounts = Array.from({ length: 12 }, (_, index) => `order-${index}`);
const writers = 8;
/** The load lasts so long, and until so many transactions were made: a busy machine needs longer for them. */
const load = { ms: 2500, transactions: 100 };
/** A race needs its moment: the naive readers get this many rounds of the load until they fail. */
const rounds = 6;

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

const pick = () => [...accounts].sort(() => Math.random() - 0.5).slice(0, 3);

/** Eight writers that touch three accounts each, while `read` reads along; gives how often each account was changed. */
async function underLoad(write: (writer: number, keys: string[]) => Promise<void>, read: () => Promise<void>): Promise<void> {
  const until = performance.now() + load.ms;
  let [isWriting, written] = [true, 0];
  const writing = Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (; performance.now() < until || written < load.transactions; written++) await write(writer, pick());
    }),
  ).finally(() => (isWriting = false));
  while (isWriting) {
    await read();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await writing;
  for (let round = 0; round < 20; round++) await read();
}

interface Faults {
  readonly lost: number;
  readonly reordered: number;
}

/** How many entries never came, and how many came after a newer one of their key. */
function faults(seen: readonly OutboxEntry[], written: number): Faults {
  const newest = new Map<string, number>();
  let reordered = 0;
  for (const { key, version } of seen) {
    if (version < (newest.get(key) ?? 0)) reordered++;
    newest.set(key, Math.max(version, newest.get(key) ?? 0));
  }
  return { lost: written - seen.length, reordered };
}

it('keeps the order of every key with eight writers that touch several keys, and loses none', async () => {
  const unitOfWork = app.get(UnitOfWork);
  const client = new Client({ connectionString: database.serviceUrl });
  await client.connect();
  await app.get(PartitionSetting).establish();
  const partitions = new RelayPartitions(client, 'ledger');
  const reader = new OutboxReader(client, 'ledger');
  const { unread } = app.get(Outbox); // where the commits say that they wrote
  await partitions.join();
  await partitions.balance();
  const seen: OutboxEntry[] = [];
  await database.query('insert into ledger.accounts select unnest($1::text[]), 0, 0', [accounts]); // a row that does not exist can't be locked
  await underLoad(
    (_writer, keys) =>
      unitOfWork
        .inTransaction(async (tx, append) => {
          const locked = await lockAccounts(tx, keys);
          const next = keys.map((id): Account => ({ id, total: 0, version: (locked.get(id)?.version ?? 0) + 1 }));
          await saveAccounts(tx, next);
          for (const { id, version } of next) append([totalChanged({ account: id, total: 0, version })]);
          if (Math.random() < 0.1) throw new RolledBack();
        })
        .catch((error: unknown) => {
          if (!(error instanceof RolledBack)) throw error;
        }),
    async () => {
      for (const message of await reader.read(partitions, new Refusals(), unread)) {
        const { subject, data } = JSON.parse(message.envelope) as { subject: string; data: { version: number } };
        seen.push({ id: message.id, key: subject, version: data.version });
        partitions.advance([message]);
      }
    },
  );
  await client.end();
  const [row] = await database.query<{ written: number }>('select sum(version)::int as written from ledger.accounts');
  expect(row!.written).toBeGreaterThan(200);
  expect(faults(seen, row!.written)).toEqual({ lost: 0, reordered: 0 });
});

class RolledBack extends Error {}

/** The same load on an outbox without partitions and locks, until the reader fails as expected. */
async function naively(newReader: () => NaiveReader, isExpected: (found: Faults) => boolean): Promise<Faults> {
  let found: Faults = { lost: 0, reordered: 0 };
  for (let round = 0; round < rounds && !isExpected(found); round++) found = await naiveRound(newReader());
  return found;
}

/** A gate lets nothing through that is younger than the oldest transaction of the server, whichever database that one is in: another spec may have one. */
async function isGateOpen(): Promise<boolean | undefined> {
  const [row] = await database.query<{ isOpen: boolean }>(
    'select not exists (select from naive_outbox where txid >= pg_snapshot_xmin(pg_current_snapshot())) as "isOpen"',
  );
  return row?.isOpen;
}

async function naiveRound(reader: NaiveReader): Promise<Faults> {
  await database.query(`
    drop table if exists naive_outbox, naive_account;
    create table naive_outbox (id bigint generated always as identity primary key, txid xid8 not null default pg_current_xact_id(), key text, version int);
    create index on naive_outbox (txid, id);
    create table naive_account (key text primary key, version int not null);`);
  await database.query('insert into naive_account select unnest($1::text[]), 0', [accounts]);
  const clients = await Promise.all(
    Array.from({ length: writers + 1 }, async () => {
      const client = new Client({ connectionString: database.url });
      await client.connect();
      return client;
    }),
  );
  const seen: OutboxEntry[] = [];
  await underLoad(
    async (writer, keys) => {
      const client = clients[writer]!;
      await client.query('begin');
      await client.query('select pg_current_xact_id()'); // a transaction that has written something before it waits for a row
      const { rows } = await client.query<{ key: string; version: number }>(
        'select key, version from naive_account where key = any($1) order by key for update',
        [keys],
      );
      await client.query('update naive_account set version = version + 1 where key = any($1)', [keys]);
      await client.query('insert into naive_outbox (key, version) select * from unnest($1::text[], $2::int[])', [
        rows.map(({ key }) => key),
        rows.map(({ version }) => version + 1),
      ]);
      await client.query('commit');
    },
    async () => void seen.push(...(await reader.read(clients[writers]!))),
  );
  await eventually(isGateOpen);
  for (let more = 1; more > 0;) {
    const rest = await reader.read(clients[writers]!);
    seen.push(...rest);
    more = rest.length;
  }
  await Promise.all(clients.map((client) => client.end()));
  const [row] = await database.query<{ written: number }>('select count(*)::int as written from naive_outbox');
  return faults(seen, row!.written);
}

describe('the same load has teeth', () => {
  it('a cursor over ids loses messages', async () => {
    expect((await naively(idCursor, ({ lost }) => lost > 0)).lost).toBeGreaterThan(0);
  });

  it('a cursor over ids behind the oldest running transaction loses or reorders messages', async () => {
    const { lost, reordered } = await naively(snapshotGateWithIdCursor, (found) => found.lost + found.reordered > 0);
    expect(lost + reordered).toBeGreaterThan(0);
  });

  it('a cursor over transactions reorders the messages of a key', async () => {
    const { lost, reordered } = await naively(snapshotGateWithTransactionCursor, (found) => found.reordered > 0);
    expect(reordered).toBeGreaterThan(0);
    expect(lost).toBe(0);
  });
});

describe('the outbox', () => {
  const asService = async (sql: string) => {
    const client = new Client({ connectionString: database.serviceUrl });
    await client.connect();
    try {
      return (await client.query(sql)).rows as unknown[];
    } finally {
      await client.end();
    }
  };
  const today = `to_char(now() at time zone 'UTC', 'YYYYMMDD')`;

  it('cannot be written by the service except through outbox_append, on no day', async () => {
    const insert = (table: string) =>
      `insert into ledger.${table} (partition, topic, key, message_id, envelope) values (0, 't', 'k', gen_random_uuid(), '{}')`;
    const [{ day }] = (await database.query<{ day: string }>(`select 'outbox_' || ${today} as day`)) as [{ day: string }];
    for (const table of ['outbox', 'outbox_default', day]) await expect(asService(insert(table))).rejects.toThrow('permission denied');
    await expect(asService('update ledger.outbox set partition = 1')).rejects.toThrow('permission denied');
    await expect(asService('delete from ledger.outbox')).rejects.toThrow('permission denied');
    await asService(`select ledger.outbox_append('{0}', '{t}', '{k}', array[gen_random_uuid()], '{}')`);
  });

  it('makes the coming days ahead of time and drops a day that is published and past its retention, never an unpublished one', async () => {
    await database.query(`
      create table ledger.outbox_20200101 partition of ledger.outbox for values from ('2020-01-01') to ('2020-01-02');
      create table ledger.outbox_20200102 partition of ledger.outbox for values from ('2020-01-02') to ('2020-01-03');
      insert into ledger.outbox (partition, topic, key, message_id, envelope, created_at) values
        (0, 't', 'k', gen_random_uuid(), '{}', '2020-01-01 12:00Z'), (1, 't', 'k', gen_random_uuid(), '{}', '2020-01-02 12:00Z');
      insert into ledger.relay_position values (0, 't', 1000000000), (1, 't', 0) on conflict (partition, topic) do update set position = excluded.position;`);
    expect(await app.get(Maintenance).round()).toMatchObject({ dropped: 1 });
    const names = (
      await database.query<{ name: string }>(
        `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'ledger.outbox'::regclass`,
      )
    ).map(({ name }) => name);
    expect(names).not.toContain('ledger.outbox_20200101');
    expect(names).toContain('ledger.outbox_20200102');
    expect(names.length).toBeGreaterThanOrEqual(6); // the default, today and three days, the unpublished one
  });

  it('heals when a day was missing: what went to the default partition moves to its day', async () => {
    await database.query(`do $$ begin execute 'drop table ledger.outbox_' || ${today}; end $$`);
    await app.driver.deliver(entries, [sent(entryAdded({ account: 'healed', amount: 1 }))]);
    expect(await database.query('select count(*)::int from ledger.outbox_default')).toEqual([{ count: 1 }]);
    expect(await app.get(Maintenance).round()).toMatchObject({ made: 1 });
    expect(await database.query('select count(*)::int from ledger.outbox_default')).toEqual([{ count: 0 }]);
    expect(await database.query(`select count(*)::int from ledger.outbox where key = 'healed'`)).toEqual([{ count: 1 }]);
    await expect(asService(`insert into ledger.outbox_default select * from ledger.outbox limit 1`)).rejects.toThrow('permission denied');
  });

  it('heals days that are over as well: after a week without maintenance nothing stays in the default partition', async () => {
    await database.query(
      `insert into ledger.outbox (partition, topic, key, message_id, envelope, created_at)
       select 0, 't', 'late', gen_random_uuid(), '{}', now() - days * interval '1 day' from generate_series(1, 5) as days`,
    );
    expect(await app.get(Maintenance).round()).toMatchObject({ made: 5 });
    expect(await database.query('select count(*)::int from ledger.outbox_default')).toEqual([{ count: 0 }]);
    expect(await database.query(`select count(*)::int from ledger.outbox where key = 'late'`)).toEqual([{ count: 5 }]);
  });

  it('refuses to start with another number of partitions than the first time', async () => {
    const service = { name: 'ledger', partitions: 24, instance: 'x' };
    await expect(new PartitionSetting(app.dataSource, service).establish()).rejects.toThrow(PartitionsChanged);
    await app.get(PartitionSetting).establish();
  });

  it('refuses a message that no broker would take before it is committed', async () => {
    const append = app
      .get(UnitOfWork)
      .inTransaction(async (_tx, send) => send([totalChanged({ account: 'x'.repeat(600_000), total: 0, version: 1 })]));
    await expect(append).rejects.toThrow('524288 are allowed');
  });
});
