import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startKafka, type RunningKafka } from '@landfall/local';
import { HealthRegistry } from '@landfall/service-defaults';
import { Logger } from '@nestjs/common';
import { ledgerKafka, startLedger, type LedgerApp, type LedgerOptions } from '../fixtures/ledger.app';
import { entries, entryAdded } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { createLedgerTopics, publish, recordOf } from '../fixtures/ledger.topics';
import { eventually, sent } from '../fixtures/messages';
import type { FaultPoint } from '../ports';

let dir: string;
let kafka: RunningKafka;
let database: LedgerDatabase;
let app: LedgerApp | undefined;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'landfall-liveness-'));
  [kafka, database] = await Promise.all([startKafka({ dataDir: join(dir, 'kafka') }), ledgerDatabase()]); // its own broker, since it is frozen
});
afterEach(async () => {
  await app?.stop();
  app = undefined;
});
afterAll(async () => {
  await kafka?.kill();
  await database?.drop();
  rmSync(dir, { recursive: true, force: true });
});

const start = async (options: Partial<LedgerOptions>) =>
  (app = await startLedger({ url: database.serviceUrl, brokers: kafka.brokers, ...options }));
const liveness = () => app!.get(HealthRegistry).examine('live');
const isHandled = async (account: string) => (await database.query('select from ledger.accounts where id = $1', [account])).length > 0;
const send = (account: string) => publish(kafka.brokers, [recordOf(sent(entryAdded({ account, amount: 1 })))]);

it('begins anew until it can read, whatever keeps it from that: the topic is missing', async () => {
  await start({ watch: { silenceMs: 60_000, probeMs: 200 } });
  await wait(1_500); // a try and more
  expect(await liveness()).toMatchObject({ healthy: true });
  await createLedgerTopics(kafka.brokers);
  await send('late-topic');
  await eventually(() => isHandled('late-topic'));
});

it('begins anew by itself when its topic is deleted under it, stays live for as long as the topic is missing, and reads the new one', async () => {
  const silenceMs = 10_000;
  const logged = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  const begunAnew = () =>
    logged.mock.calls.filter(
      ([fields, message]) =>
        message === 'it does not read; it begins anew' && (fields as { consumer: string }).consumer.endsWith(entries.name),
    );
  await start({ watch: { silenceMs, probeMs: 200 } });
  await send('before the deletion');
  await eventually(() => isHandled('before the deletion'));
  const admin = ledgerKafka(kafka.brokers).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [entries.name] });
  await admin.disconnect();
  for (const until = performance.now() + 1.5 * silenceMs; performance.now() < until; await wait(200))
    expect(await liveness()).toEqual({ healthy: true, checks: { consumers: 'ok' } });
  await eventually(() => begunAnew().length > 1);
  expect(begunAnew()[0]![0]).toMatchObject({ reason: expect.stringContaining('does not host this topic') as string });
  await createLedgerTopics(kafka.brokers);
  await send('after the deletion');
  await eventually(() => isHandled('after the deletion'));
  logged.mockRestore();
});

it.each<[string, FaultPoint, Error]>([
  ['a plain error while it connects', 'consumer.before-connect', new Error('Broker not connected')],
  ['a mistake while it reads', 'consumer.before-window', new TypeError('x is not a function')],
])('begins anew after an error in its loop, whatever its class: %s', async (name, at, error) => {
  let failures = 0;
  await start({
    reach: (point) => {
      if (point === at && failures++ < 3) throw error;
    },
  });
  await send(name);
  await eventually(() => isHandled(name));
  expect(failures).toBeGreaterThan(3);
});

it('begins anew where its group does not know it any more and it reads on all the same', async () => {
  let isKnown = true;
  await start({
    reach: (point) => {
      if (point === 'consumer.before-connect') isKnown = true;
      if (point === 'consumer.before-offsets' && !isKnown)
        throw Object.assign(new Error('The coordinator is not aware of this member'), { type: 'UNKNOWN_MEMBER_ID' });
    },
  });
  await send('known');
  await eventually(() => isHandled('known'));
  isKnown = false;
  await send('put out');
  await eventually(() => isHandled('put out'));
  await eventually(() => isKnown);
  await send('known again');
  await eventually(() => isHandled('known again'));
});

it('is live through an outage of the broker, however long, and reads on after it', async () => {
  const silenceMs = 3_000;
  await start({ watch: { silenceMs, probeMs: 200 } });
  await send('before');
  await eventually(() => isHandled('before'));
  process.kill(kafka.pid, 'SIGSTOP');
  try {
    for (const until = performance.now() + 3 * silenceMs; performance.now() < until; await wait(200))
      expect(await liveness()).toEqual({ healthy: true, checks: { consumers: 'ok' } });
  } finally {
    process.kill(kafka.pid, 'SIGCONT');
  }
  await send('after');
  await eventually(() => isHandled('after'));
  await eventually(async () => (await liveness()).healthy);
});

it('is not live where a consumer makes no progress for a while although the broker answers', async () => {
  await start({
    watch: { silenceMs: 1_500, probeMs: 200 },
    reach: (point) => (point === 'consumer.before-window' ? new Promise<void>(() => undefined) : undefined),
  });
  await send('unread');
  const { checks } = await eventually(async () => {
    const report = await liveness();
    return !report.healthy && report;
  });
  expect(checks['consumers']).toMatch(/^ledger\.\S+ has made no progress for \d+ s although the broker answers: a restart may help$/);
});
