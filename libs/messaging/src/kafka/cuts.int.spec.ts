import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort, startKafka, startTcpProxy, type RunningKafka, type TcpProxy } from '@landfall/local';
import { startChild, type Child } from '../fixtures/child';
import { entryAdded } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { createLedgerTopics, publish, readTotals, recordOf, type Total } from '../fixtures/ledger.topics';
import { eventually, sent } from '../fixtures/messages';

let dir: string;
let kafka: RunningKafka;
let proxy: TcpProxy;
let brokers: string;
let database: LedgerDatabase;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'landfall-cuts-'));
  const port = await freePort();
  proxy = await startTcpProxy({ port });
  brokers = `127.0.0.1:${proxy.port}`;
  database = await ledgerDatabase();
  kafka = await startKafka({ dataDir: join(dir, 'kafka'), port, advertisedPort: proxy.port }); // every connection of every client goes by the proxy
  await createLedgerTopics(brokers);
});
afterAll(async () => {
  await kafka?.kill();
  await proxy?.close();
  await database?.drop();
  rmSync(dir, { recursive: true, force: true });
});

/** Cuts in quick succession, with gaps in which a connection comes to every point of its life. */
async function cutOften(times: number): Promise<void> {
  for (let cut = 0; cut < times; cut++) {
    await wait((cut * 37) % 230);
    proxy.cut();
  }
}

/** By a reader of the topic that never saw a cut: each account's last total is there. */
async function published(round: number): Promise<boolean> {
  const reader = await readTotals(brokers);
  try {
    return await eventually(() => new Set(reader.seen.filter(isLastOf(round)).map(({ key }) => key)).size === 24);
  } finally {
    await reader.stop();
  }
}
const isLastOf = (round: number) => (total: Total) =>
  total.key.startsWith(`cuts-${round}-`) && 'version' in total.data && total.data.version === 100;

const children: Child[] = [];
afterEach(() => Promise.all(children.splice(0).map((child) => child.stop()))); // where a test has failed

/** Each meets other points of the clients' lives: `CUTS_ROUNDS=10` after a change of what reads, publishes or stops. */
const rounds = Array.from({ length: Number(process.env['CUTS_ROUNDS'] ?? 1) }, (_, index) => index + 1);

it.each(rounds)(
  'lives through connections to Kafka that are cut again and again while it consumes, publishes and stops (%s)',
  async (round) => {
    const accounts = Array.from({ length: 24 }, (_, index) => `cuts-${round}-${index}`);
    const records = Array.from({ length: 100 }, () => accounts.map((account) => recordOf(sent(entryAdded({ account, amount: 1 }))))).flat();
    await publish(brokers, records);
    const isDone = async () =>
      (await database.query(`select from ledger.accounts where id like $1 and version = 100`, [`cuts-${round}-%`])).length ===
      accounts.length;

    const child = await startChild({ url: database.serviceUrl, brokers, instance: `cuts-${round}` });
    await cutOften(40);
    await eventually(isDone);
    expect(await published(round)).toBe(true);

    const cutting = cutOften(40);
    await wait(500);
    await child.stop();
    await cutting;
    expect(await child.exitCode).toBe(0);
  },
);
