import { Logger } from '@nestjs/common';
import { startTcpProxy, type TcpProxy } from '@landfall/local';
import { startLedger, type LedgerApp } from './fixtures/ledger.app';
import { entries, entryAdded, pay, totalChanged } from './fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from './fixtures/ledger.database';
import { saveAccounts } from './fixtures/ledger.service';
import { eventually, sent } from './fixtures/messages';
import { changed } from './handlers/outcome';
import { Maintenance } from './outbox/maintenance';
import { MicroBatch } from './micro-batch';
import { TransactionOverdue } from './transaction';
import { UnitOfWork } from './unit-of-work';

let database: LedgerDatabase;
let proxy: TcpProxy;
let app: LedgerApp;
beforeAll(async () => {
  database = await ledgerDatabase();
  proxy = await startTcpProxy({ port: Number(new URL(database.serviceUrl).port) });
});
beforeEach(async () => {
  app = await startLedger({ url: proxy.through(database.serviceUrl) });
});
afterEach(async () => {
  proxy.pass();
  await app?.stop();
  await database.onlyReads(false);
});
afterAll(async () => {
  await proxy?.close();
  await database?.drop();
});

const write = (account: string) =>
  app.get(UnitOfWork).transaction(account, {
    decide: () =>
      changed({ id: account, total: 1, version: 1 }, totalChanged({ account, total: 1, version: 1 }), pay({ account, amount: 1 })),
    save: saveAccounts,
  });
/** Opens every session of the pool; what was cut a moment ago may be met first. */
const openAll = () =>
  eventually(() =>
    Promise.all(Array.from({ length: 12 }, () => app.dataSource.query('select pg_sleep(0.1)'))).then(
      () => true,
      () => false,
    ),
  );
const deliver = (account: string) => app.driver.deliver(entries, [sent(entryAdded({ account, amount: 1 }))]);

describe('when the database can be written again after a fail-over, while all open sessions still only read,', () => {
  beforeEach(async () => {
    await database.onlyReads(true);
    await database.cutSessions();
    await openAll();
    await database.onlyReads(false);
  });

  it('every endpoint that writes works at once', async () => {
    const written = await Promise.allSettled(Array.from({ length: 40 }, (_, index) => write(`endpoint-${index}`)));
    expect(written.filter(({ status }) => status === 'rejected')).toEqual([]);
  });

  it('a batch is committed', async () => {
    await deliver('batch');
    expect(await database.query(`select total from ledger.accounts where id = 'batch'`)).toEqual([{ total: 1 }]);
  });

  it('jobs are performed and the tables kept in shape, in the next round at the latest', async () => {
    await write('job');
    await expect(app.driver.perform().catch(() => app.driver.perform())).resolves.toBeGreaterThan(0);
    await database.onlyReads(true);
    await database.cutSessions();
    await openAll();
    await database.onlyReads(false);
    const maintenance = app.get(Maintenance);
    await expect(maintenance.round().catch(() => maintenance.round())).resolves.toMatchObject({ made: expect.any(Number) as number });
  });
});

describe.each([
  ['a table', 'alter table ledger.accounts rename to of_tomorrow', 'alter table ledger.of_tomorrow rename to accounts'],
  ['a column', 'alter table ledger.accounts rename total to of_tomorrow', 'alter table ledger.accounts rename of_tomorrow to total'],
])('while the tables are of another version, which has not %s of this one,', (what, change, back) => {
  it('a batch waits, blocks no key and is alarmed, and is committed when they are of this one', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    await database.query(change);
    const delivered = deliver(`behind ${what}`);
    await eventually(() => logged.mock.calls.some(([, message]) => String(message).startsWith('the tables are not of this version')));
    expect(await database.query('select from ledger.blocked_key')).toEqual([]);
    await database.query(back);
    await delivered;
    expect(await database.query('select total from ledger.accounts where id = $1', [`behind ${what}`])).toEqual([{ total: 1 }]);
    expect(await database.query('select from ledger.dead_letter')).toEqual([]);
    logged.mockRestore();
  });
});

describe('while the database hangs,', () => {
  it('an endpoint that writes fails in time, as something that may be tried again, and works at once afterwards', async () => {
    await openAll();
    proxy.swallow();
    await expect(write('hang')).rejects.toThrow(TransactionOverdue);
    await expect(write('hang')).rejects.toMatchObject({ retriable: true });
    proxy.pass();
    await Promise.all(Array.from({ length: 20 }, (_, index) => write(`after-${index}`)));
  });

  it('whoever waits for a shared write is told in time, and the next flush has a session that answers', async () => {
    const batch = new MicroBatch<string>(async (accounts) => {
      for (const account of accounts) await write(account);
    });
    await batch.add('first');
    proxy.swallow();
    const waiting = await Promise.allSettled(['flush-1', 'flush-2', 'flush-3'].map((account) => batch.add(account)));
    for (const result of waiting) expect((result as PromiseRejectedResult).reason).toMatchObject({ retriable: true });
    proxy.pass();
    await eventually(() =>
      batch.add('last').then(
        () => true,
        () => false,
      ),
    );
  });
});
