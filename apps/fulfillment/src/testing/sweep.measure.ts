import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { startTestApp, type TestApp } from '@landfall/testing';
import { Client } from 'pg';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { ReconciliationTimer } from '../reconciliation/reconciliation.timer';

/**
 * Measures sweeps of one publisher over a list endpoint in another process, on a real Postgres: time, memory of this process, statements and rows a page, calls to
 * Microsoft. To be run by hand: `node tools/launch.mjs jest --testMatch '**\/sweep.measure.ts'`; `SWEEP_SIZES=10000,100000` is the default.
 */
const LIMIT_MS = 3_600_000;
const sizes = (process.env['SWEEP_SIZES'] ?? '10000,100000').split(',').map(Number);
const mb = (bytes: number) => Math.round(bytes / 1024 / 1024);

let microsoft: ChildProcess;
let url = '';
let app: TestApp;
const asked = async (path: string) => (await (await fetch(`${url}${path}`)).json()) as { calls: number };

/** Sold long ago, and on record here as Microsoft has it. */
async function onRecord(count: number): Promise<void> {
  const record = {
    ...{
      status: 'Subscribed',
      planId: 'silver',
      quantity: 10,
      autoRenew: true,
      isFreeTrial: false,
      allowedCustomerOperations: ['Delete', 'Read', 'Update'],
    },
    term: { termUnit: 'P1M', startDate: '2026-02-14', endDate: '2026-03-13', chargeDuration: null },
    ...{ publisherId: 'contoso', offerId: 'contoso-saas', isPreview: false },
  };
  const ids = `select ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid as id from generate_series(0, ${count - 1}) as numbers (n)`;
  await app.query('truncate fulfillment.observations, fulfillment.subscription_registrations, fulfillment.reconciliations');
  await app.query(
    `insert into fulfillment.observations (subscription_id, version, record, known_since) select id, 1, $1::jsonb, now() - interval '1 day' from (${ids}) as sold`,
    [JSON.stringify(record)],
  );
  await app.query(`insert into fulfillment.subscription_registrations select id, 'default' from (${ids}) as sold`);
  await app.query('analyze');
}

let statements = 0;
let peak = { rss: 0, heap: 0 };

/** One sweep of what Microsoft lists now, to its end. */
async function measured(what: string): Promise<void> {
  await app.query(
    `update fulfillment.reconciliation_schedules set due_at = now(), may_import = true, whole_due_at = now() + interval '1 day'`,
  );
  const touched = async () => {
    const [row] = await app.query<{ rows: string }>(
      'select (tup_inserted + tup_updated + tup_deleted)::text as rows from pg_stat_database where datname = current_database()',
    );
    return Number(row!.rows);
  };
  const [calls, rows] = [(await asked('/calls')).calls, await touched()];
  global.gc?.();
  [statements, peak] = [0, { rss: 0, heap: 0 }];
  const began = performance.now();
  await app.get(ReconciliationTimer).look();
  let slowest = 0;
  for (;;) {
    const at = performance.now();
    if ((await app.perform()) === 0) {
      if ((await app.jobs()).length === 0) break;
      app.clock.advance(1_000); // a page or a read is asked for again: this machine is busy
    }
    slowest = Math.max(slowest, performance.now() - at);
    const { rss, heapUsed } = process.memoryUsage();
    peak = { rss: Math.max(peak.rss, rss), heap: Math.max(peak.heap, heapUsed) };
  }
  const seconds = (performance.now() - began) / 1_000;
  const run = statements;
  const [sweep] = await app.query<{ state: string; found: object; tally: { pages: number; read: number } }>(
    'select state, found, tally from fulfillment.reconciliations order by started_at desc limit 1',
  );
  const { state, found, tally } = sweep!;
  await new Promise((resolve) => setTimeout(resolve, 1_500)); // Postgres tells its counters with delay
  const perPage = (count: number) => (count / tally.pages).toFixed(1);
  console.log(
    `${what}: ${state} in ${seconds.toFixed(1)} s; ${tally.pages} pages, ${tally.read} read, ${(await asked('/calls')).calls - calls} calls; ` +
      `peak RSS ${mb(peak.rss)} MB, heap ${mb(peak.heap)} MB; ${perPage(run)} statements and ${perPage((await touched()) - rows)} rows written a page; ` +
      `slowest step ${Math.round(slowest)} ms; found ${JSON.stringify(found)}`,
  );
  expect(state).toBe('complete');
}

beforeAll(async () => {
  const query = Client.prototype.query as (...given: unknown[]) => unknown;
  Client.prototype.query = function counted(this: Client, ...given: unknown[]) {
    statements += 1;
    return query.apply(this, given);
  } as typeof Client.prototype.query;
  microsoft = spawn(process.execPath, [join(__dirname, 'list.endpoint.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(microsoft.stdout!, 'data')) as [Buffer];
  url = `http://127.0.0.1:${port.toString().trim()}`;
  const publisher = { PUBLISHER_TENANT_ID: randomUUID(), PUBLISHER_CLIENT_ID: randomUUID(), PUBLISHER_CLIENT_SECRET: 'only-to-measure' };
  app = await startTestApp(AppModule, {
    ...{ schema, migrations },
    env: { ...publisher, MARKETPLACE_API_URL: `${url}/api`, ENTRA_AUTHORITY_URL: url },
  });
  await app.get(ReconciliationTimer).look();
  console.log(`${cpus().length} × ${cpus()[0]!.model}, Node ${process.version}`);
}, LIMIT_MS);

afterAll(async () => {
  await app.stop();
  microsoft.kill();
}, LIMIT_MS);

it.each(sizes)(
  'sweeps over %d subscriptions',
  async (size) => {
    await onRecord(size);
    await asked(`/set?listed=${size}&differs=100`);
    await measured(`${size}, one in a hundred differs`);
    await measured(`${size}, once more`);
    await asked('/set?listed=0');
    for (let sweep = 1; sweep <= 3; sweep += 1) await measured(`${size} on record, and an empty list (${sweep})`);
  },
  LIMIT_MS,
);
