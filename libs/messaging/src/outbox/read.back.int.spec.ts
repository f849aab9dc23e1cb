import { execFileSync } from 'node:child_process';
import { testBroker } from '@landfall/local';
import { startChild, type Child } from '../fixtures/child';
import { startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { statementMade } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { createLedgerTopics, readStatements, type TopicReader } from '../fixtures/ledger.topics';
import { eventually } from '../fixtures/messages';
import { UnitOfWork } from '../unit-of-work';

const { brokers } = testBroker();
const accounts = Array.from({ length: 24 }, (_, index) => `state-${index}`);
let database: LedgerDatabase;
let writer: LedgerApp;
let reader: Awaited<ReturnType<typeof readStatements>>;
const children: Child[] = [];
beforeAll(async () => {
  database = await ledgerDatabase();
  await createLedgerTopics(brokers);
  writer = await startLedger({ url: database.serviceUrl }); // it only writes: whoever listens publishes
  reader = await readStatements(brokers);
});
afterAll(async () => {
  for (const { pid } of children) signal(pid, 'SIGCONT');
  await Promise.all(children.map((child) => child.stop()));
  await reader?.stop();
  await writer?.stop();
  await database?.drop();
});

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended
  }
}
async function start(options: Partial<Parameters<typeof startChild>[0]>): Promise<Child> {
  const child = await startChild({ url: database.serviceUrl, brokers, ...options });
  children.push(child);
  return child;
}
async function write(version: number): Promise<void> {
  await writer.get(UnitOfWork).inTransaction((_tx, append) => {
    append(accounts.map((account) => statementMade({ account, version, text: '' })));
    return Promise.resolve();
  });
  await writer.tellRelays();
}
const isFrozen = (pid: number) => execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('T');
const newest = ({ all }: Pick<TopicReader<{ key: string; data: { version: number } }>, 'all'>) =>
  new Map(all.map(({ key, data }) => [key, data.version]));
const all = (version: number) => new Map(accounts.map((account) => [account, version]));
const count = (version: number) => reader.all.filter(({ data }) => data.version === version).length;

it('says the newest state of every key again where a relay that was frozen in a send wakes and writes older ones over it', async () => {
  const frozen = await start({ instance: 'frozen-0', freezeAt: 'relay.before-send' });
  await write(1);
  await eventually(() => isFrozen(frozen.pid));
  await database.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ledger relay'`); // its host has vanished
  await start({ instance: 'heir-0' });
  await write(2);
  await write(3);
  await eventually(() => accounts.every((account) => newest(reader).get(account) === 3));
  const before = count(1);
  signal(frozen.pid, 'SIGCONT');
  await eventually(() => count(1) >= before + accounts.length); // it wrote late
  await eventually(() => accounts.every((account) => newest(reader).get(account) === 3));
  expect(newest(reader)).toEqual(all(3));
});
