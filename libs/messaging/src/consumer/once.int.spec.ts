import { Connection } from 'pg';
import { startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { entries, entryAdded, pay } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { add } from '../fixtures/ledger.service';
import { sent } from '../fixtures/messages';
import { changed, refused } from '../handlers/outcome';
import type { FaultPoint } from '../ports';
import { inTransaction, run, TransactionAborted } from '../transaction';

let database: LedgerDatabase;
let app: LedgerApp;
let reach: (point: FaultPoint) => void | Promise<void> = () => undefined;

beforeAll(async () => {
  database = await ledgerDatabase();
  app = await startLedger({ url: database.serviceUrl, reach: (point) => reach(point) });
});
beforeEach(async () => {
  reach = () => undefined;
  app.behaviour.decide = add;
  app.behaviour.concerns = () => true;
  for (const table of ['accounts', 'dead_letter', 'blocked_key', 'processed_message', 'job', 'outbox'])
    await database.query(`delete from ledger.${table}`);
});
afterAll(async () => {
  await app?.stop();
  await database?.drop();
});

const total = async (account: string) =>
  (await database.query<{ total: number }>('select total from ledger.accounts where id = $1', [account]))[0]?.total;
const count = async (table: string) => (await database.query<{ count: number }>(`select count(*)::int from ledger.${table}`))[0]!.count;
const outbox = async () => (await app.driver.sent('0')).envelopes;

it('does once what is delivered twice: in one batch, in two, and at the same time', async () => {
  const [first, second] = [sent(entryAdded({ account: 'a', amount: 5 })), sent(entryAdded({ account: 'a', amount: 7 }))];
  await app.driver.deliver(entries, [first, first]);
  await app.driver.deliver(entries, [first]);
  await Promise.all([1, 2, 3, 4].map(() => app.driver.deliver(entries, [second, first])));
  expect(await total('a')).toBe(12);
  expect(await outbox()).toMatchObject([{ data: { total: 5 } }, { data: { total: 12 } }]);
});

it('forgets that a message was handled when its transaction rolls back', async () => {
  let failures = 0;
  reach = async (point) => {
    if (point !== 'batch.before-commit' || failures++ > 0) return;
    expect(await count('processed_message')).toBe(0); // not visible to anybody yet
    throw Object.assign(new Error('the server stops'), { code: '57P01' });
  };
  await app.driver.deliver(entries, [sent(entryAdded({ account: 'b', amount: 5 }))]);
  expect(failures).toBe(2); // it ran again, and was not taken for a duplicate
  expect(await total('b')).toBe(5);
  expect(await outbox()).toHaveLength(1);
});

it('repeats a batch whose commit was answered by silence, with effects once', async () => {
  let answers = 0;
  reach = (point) => {
    if (point === 'batch.after-commit' && answers++ === 0) throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  };
  await app.driver.deliver(entries, [sent(entryAdded({ account: 'c', amount: 5 }))]);
  expect(answers).toBe(2);
  expect(await total('c')).toBe(5);
  expect(await outbox()).toHaveLength(1);
});

it('runs a batch again whose connections were cut in the middle, with effects once', async () => {
  let cuts = 0;
  reach = async (point) => {
    if (point !== 'batch.before-commit' || cuts++ > 0) return;
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
  };
  await app.driver.deliver(entries, [sent(entryAdded({ account: 'd', amount: 5 })), sent(entryAdded({ account: 'd', amount: 6 }))]);
  expect(cuts).toBe(2);
  expect(await total('d')).toBe(11);
  expect(await outbox()).toHaveLength(2);
});

it('makes a dead letter of just that one of 500 messages which SQL refuses', async () => {
  const messages = Array.from({ length: 500 }, (_, index) =>
    sent(entryAdded({ account: `e${index % 100}`, amount: index === 321 ? -1_000_000 : 1 })),
  );
  await app.driver.deliver(entries, messages);
  const blocked = await database.query<{ key: string; state: string; reason: string }>('select key, state, reason from ledger.blocked_key');
  expect(blocked).toMatchObject([{ key: 'e21', state: 'failing', reason: expect.stringContaining('accounts_total_check') as string }]);
  const rows = await database.query<{ total: number }>('select total from ledger.accounts');
  expect(rows.map((row) => row.total).sort((a, b) => a - b)).toEqual([3, ...Array.from({ length: 99 }, () => 5)]);
  expect(await count('dead_letter')).toBe(2); // the one at fault, and the later one of its key
  expect(await outbox()).toHaveLength(498);
});

describe('a batch that takes too long', () => {
  const tooSlow = (condition: string) =>
    database.query(`
      create function ledger.too_slow() returns trigger language plpgsql as
        $$ begin if ${condition} then raise exception 'canceling statement due to statement timeout' using errcode = '57014'; end if; return null; end $$;
      grant execute on function ledger.too_slow() to public;
      create trigger too_slow after insert on ledger.accounts referencing new table as written for each statement execute function ledger.too_slow()`);
  afterEach(() => database.query('drop function ledger.too_slow cascade'));

  it('passes in pieces after the third time', async () => {
    await tooSlow('(select count(*) from written) > 60');
    await app.driver.deliver(
      entries,
      Array.from({ length: 200 }, (_, index) => sent(entryAdded({ account: `slow-${index}`, amount: 1 }))),
    );
    expect(await outbox()).toHaveLength(200);
    expect(await count('blocked_key')).toBe(0);
  });

  it('holds up nothing for ever where it is one message alone: that becomes a dead letter, and is tried again by itself', async () => {
    await tooSlow(`exists (select from written where id = 'slow')`);
    const accounts = ['fast-1', 'slow', 'fast-2'];
    await app.driver.deliver(
      entries,
      accounts.map((account) => sent(entryAdded({ account, amount: 1 }))),
    );
    expect(await outbox()).toHaveLength(2);
    expect(await database.query('select key, state from ledger.blocked_key')).toEqual([{ key: 'slow', state: 'failing' }]);
  });
});

it('writes state, messages and jobs together, and nothing where the decision was refused', async () => {
  app.behaviour.decide = (_account, message) =>
    message.key === 'no'
      ? refused('not this one')
      : changed({ id: message.key, total: 1, version: 1 }, pay({ account: message.key, amount: 1 }));
  await app.driver.deliver(entries, [sent(entryAdded({ account: 'yes', amount: 1 })), sent(entryAdded({ account: 'no', amount: 1 }))]);
  expect(await total('yes')).toBe(1);
  expect(await total('no')).toBeUndefined();
  expect(await count('blocked_key')).toBe(0); // a refusal is an answer
  expect(await app.driver.jobs()).toMatchObject([{ kind: 'pay', key: 'yes', state: 'ready' }]);
});

it('gives the effects of a repeated decision the same ids', async () => {
  const message = sent(entryAdded({ account: 'f', amount: 5 }));
  await app.driver.deliver(entries, [message]);
  const [before] = (await outbox()) as { id: string; correlationid: string; causationid: string }[];
  for (const table of ['processed_message', 'accounts', 'outbox']) await database.query(`delete from ledger.${table}`);
  await app.driver.deliver(entries, [message]);
  const [after] = (await outbox()) as { id: string }[];
  expect(after!.id).toBe(before!.id);
  expect(before).toMatchObject({ correlationid: message.correlationId, causationid: message.id, source: 'landfall/ledger' });
});

it('spends nothing on a message that is of no interest, and handles what else is in its batch', async () => {
  app.behaviour.concerns = ({ key }) => key !== 'nothing';
  const asked = jest.spyOn(Connection.prototype, 'sync');
  await app.driver.deliver(entries, [sent(entryAdded({ account: 'nothing', amount: 1 }))]);
  expect(asked).not.toHaveBeenCalled();
  asked.mockRestore();
  await app.driver.deliver(
    entries,
    ['nothing', 'h', 'nothing'].map((account) => sent(entryAdded({ account, amount: 1 }))),
  );
  expect([await total('nothing'), await total('h'), await count('processed_message')]).toEqual([undefined, 1, 1]);
});

it('handles a message of which its author can not say whether it is of interest', async () => {
  app.behaviour.concerns = () => {
    throw new TypeError('no such operation');
  };
  await app.driver.deliver(entries, [sent(entryAdded({ account: 'i', amount: 1 }))]);
  expect(await total('i')).toBe(1);
});

it('does not count as committed what Postgres rolled back because an error was swallowed', async () => {
  const swallowing = inTransaction(app.dataSource, async (tx) => {
    await run(tx, `insert into ledger.accounts values ('g', 1, 1)`, []);
    await run(tx, 'select 1 / 0', []).catch(() => undefined); // swallowed on purpose: what the spec is about
  });
  await expect(swallowing).rejects.toThrow(TransactionAborted);
  expect(await total('g')).toBeUndefined();
});
