import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import type { Message } from '@landfall/contracts';
import { Keyring, serverOptions, startService, type JWKSet } from '@landfall/service-defaults';
import { startTestApp } from '@landfall/testing';
import type { LoggerService, Type } from '@nestjs/common';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { config } from '../gateway.config';
import { configurePublicEndpoint, publicServer } from '../public-endpoint';
import { TestBrowser } from './browser.fixture';
import { CLIENT, TestIdentity } from './identity.fixture';

export type TestGateway = Awaited<ReturnType<typeof startGateway>>;

/** The whole gateway, listening, on a real database of its own, with a stand-in for Microsoft's identity service and no broker. */
export async function startGateway(settings: Readonly<Record<string, string>> = {}) {
  const identity = await TestIdentity.start();
  const env = {
    ...{ ENTRA_AUTHORITY_URL: identity.url, PUBLISHER_TENANT_ID: identity.tenantId, PUBLISHER_CLIENT_ID: 'publisher-client' },
    ...{ SIGNIN_AUTHORITY_URL: `${identity.url}/common/v2.0`, SIGNIN_CLIENT_ID: CLIENT.id, SIGNIN_CLIENT_SECRET: CLIENT.secret },
    TRUSTED_PROXIES: '127.0.0.1', // all browsers of a spec have this address
    ...settings,
  };
  const app = await startTestApp(AppModule, {
    ...{ schema, migrations, env, configure: configurePublicEndpoint },
    server: () => serverOptions(publicServer(config.values)),
  });
  const logged: string[] = [];
  app.nest.useLogger(recorder(logged));
  await app.nest.listen(0, '127.0.0.1');
  const url = await app.nest.getUrl();
  const keyring = JSON.parse(readFileSync(process.env['KEYRING_FILE'] ?? '', 'utf8')) as JWKSet;
  const all: Message[] = [];

  const alterDatabase = (change: string) =>
    app.query(`do $$ begin execute format('alter database %I ${change}', current_database()); end $$`);
  /** Resolves when the service has learnt of it: its next request then gets a new connection. */
  const cutConnections = async () => {
    await app.query(
      `select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
    await new Promise((resolve) => setTimeout(resolve, 20)); // what the sockets hold by now has been read after that
  };

  const untilWaiting = async (isRight: (waiting: number) => boolean): Promise<void> => {
    for (let attempt = 0; attempt < 500; attempt++) {
      await app.query('select pg_stat_clear_snapshot()'); // a transaction would see the same activity again and again
      const waiting = await app.query(`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`);
      if (isRight(waiting.length)) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('not as many connections wait for the lock as should');
  };

  return {
    url,
    identity,
    query: app.query,
    deliver: app.deliver,
    /** One more copy of the gateway on the same database, at an address of its own. */
    async copy() {
      const copy = await app.copy();
      await copy.nest.listen(0, '127.0.0.1');
      return { url: await copy.nest.getUrl(), deliver: copy.deliver, get: copy.get, stop: () => copy.nest.close() };
    },
    /** One more copy on the same database, started as `main.ts` does it: with its limits of time, and stopped like a process. It has no broker. */
    async started() {
      const options = { name: 'gateway', module: AppModule, config, configure: configurePublicEndpoint, publicServer };
      const service = await startService({ ...options, publicPort: () => 0 });
      return { url: service.url, get: <T>(token: Type<T>): T => service.app.get(token), stop: service.stop };
    },
    get: app.get,
    browser: () => new TestBrowser(url),
    /** What was encrypted for a service. */
    decrypted: (service: string, jwe: unknown) => new Keyring(service, keyring).decryptReceived(String(jwe)),
    /** What the gateway encrypted for itself. */
    decryptedColumn: (jwe: unknown) => app.get(Keyring).decryptColumn(String(jwe)),
    /** All that was handed to the logger, before its allow-list. */
    logged: () => logged.join('\n'),
    /** All that was sent since the gateway was started. */
    async sent(): Promise<(Message & { data: Record<string, unknown> })[]> {
      all.push(...(await app.sent()));
      return all as (Message & { data: Record<string, unknown> })[];
    },
    /** The service is thrown out of its database and kept out while the work runs. */
    async withoutDatabase(work: () => Promise<void>): Promise<void> {
      await alterDatabase('connection limit 0');
      await cutConnections();
      await work().finally(() => alterDatabase('connection limit -1'));
    },
    /** New connections of the service get another value of a setting of Postgres while the work runs. */
    async withDatabaseSetting(setting: string, value: string, work: () => Promise<void>): Promise<void> {
      await alterDatabase(`set ${setting} = ${value}`);
      await cutConnections();
      await work().finally(async () => {
        await alterDatabase(`reset ${setting}`);
        await cutConnections();
      });
    },
    cutConnections,
    /** Resolves when that many connections of the service wait for a lock that the test holds. */
    waitingForLocks: (count: number) => untilWaiting((waiting) => waiting >= count),
    /** Resolves when those that waited for a lock have noticed that it is free: a busy machine takes its time. */
    nobodyWaitsForLocks: () => untilWaiting((waiting) => waiting === 0),
    async close() {
      await app.stop();
      await identity.stop();
    },
  };
}

function recorder(logged: string[]): LoggerService {
  const record = (...entries: unknown[]) => void logged.push(inspect(entries, { depth: 6 }));
  return { log: record, error: record, warn: record };
}
