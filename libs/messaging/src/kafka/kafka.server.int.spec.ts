import { setTimeout as wait } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { startLedger } from '../fixtures/ledger.app';
import { statements } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { KafkaServer } from './kafka.server';

let database: LedgerDatabase;
let owner: DataSource;
beforeAll(async () => {
  database = await ledgerDatabase();
  owner = await new DataSource({ type: 'postgres', url: database.url }).initialize();
});
afterAll(async () => {
  await owner?.destroy();
  await database?.drop();
});

const relays = () =>
  database.query(`select 1 from pg_stat_activity where datname = current_database() and application_name = 'ledger relay'`);

it('starts nothing that outlives a stop which comes while it begins, and the stop waits until that is sure', async () => {
  const app = await startLedger({ url: database.serviceUrl });
  const server = app.get(KafkaServer);
  const holder = owner.createQueryRunner();
  await holder.startTransaction();
  await holder.query('select 1 from ledger.messaging_setting for update'); // where every start of a service looks first
  const ready: unknown[] = [];
  const beginning = server.listen((error) => ready.push(error));
  await wait(100);
  let isClosed = false;
  const closing = server.close().then(() => (isClosed = true));
  await wait(200);
  const wasClosed = isClosed;
  await holder.rollbackTransaction();
  await holder.release();
  await Promise.all([beginning, closing]);
  await wait(500); // a relay connects in some milliseconds
  const left = { relays: await relays(), consumers: server.unwrap<unknown[]>() };
  await app.stop();
  expect([wasClosed, left, ready]).toEqual([false, { relays: [], consumers: [] }, [undefined]]);
});

it('starts nothing after a stop', async () => {
  const app = await startLedger({ url: database.serviceUrl });
  const server = app.get(KafkaServer);
  await server.close();
  await server.listen(() => undefined);
  await wait(500);
  const left = { relays: await relays(), consumers: server.unwrap<unknown[]>() };
  await app.stop();
  expect(left).toEqual({ relays: [], consumers: [] });
});

it('begins when the database can be written again, where that starts read-only', async () => {
  const app = await startLedger({ url: database.serviceUrl });
  const server = app.get(KafkaServer);
  await database.onlyReads(true);
  await database.cutSessions();
  const ready: unknown[] = [];
  const beginning = server.listen((error) => ready.push(error));
  await wait(300);
  const early = [...ready];
  await database.onlyReads(false);
  await database.cutSessions();
  await beginning;
  await app.stop();
  expect([early, ready]).toEqual([[], [undefined]]);
});

it('does not start where a compacted topic of the service has no source to make it from again', async () => {
  const app = await startLedger({ url: database.serviceUrl });
  const server = app.get(KafkaServer);
  server.getHandlers().delete(`rebuild:${statements.name}`); // as in a service that has no such method
  const ready: unknown[] = [];
  await server.listen((error) => ready.push(error));
  const left = await relays();
  await app.stop();
  expect([ready, left]).toEqual([
    [expect.objectContaining({ code: 'REBUILD_SOURCE_MISSING', message: expect.stringContaining(statements.name) as string })],
    [],
  ]);
});
