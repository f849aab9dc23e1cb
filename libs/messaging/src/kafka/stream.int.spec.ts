import { testBroker } from '@landfall/local';
import { startChild } from '../fixtures/child';
import { ledgerKafka, startLedger, type LedgerApp, type LedgerOptions } from '../fixtures/ledger.app';
import { entries, entryAdded } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { add } from '../fixtures/ledger.service';
import { createLedgerTopics, inOrder, publish, readTotals, recordOf, versionsByAccount, type TopicReader } from '../fixtures/ledger.topics';
import { eventually, sent } from '../fixtures/messages';
import { requirePartitions } from './kafka.partitions';
import { leaveForPredecessor } from './kafka.predecessor';
import { DeadLetterAdministration } from '../administration/dead-letter/dead-letter.administration';

const { brokers } = testBroker();
let database: LedgerDatabase;
let reader: TopicReader;
let app: LedgerApp | undefined;
beforeAll(async () => {
  database = await ledgerDatabase();
  await createLedgerTopics(brokers);
  reader = await readTotals(brokers);
});
afterEach(async () => {
  await app?.stop();
  app = undefined;
});
afterAll(async () => {
  await reader?.stop();
  await database?.drop();
});

const start = async (options: Partial<LedgerOptions> = {}) => (app = await startLedger({ url: database.serviceUrl, brokers, ...options }));
const accountsOf = (name: string, count = 24) => Array.from({ length: count }, (_, index) => `${name}-${index}`);
const rounds = (accounts: readonly string[], count: number) =>
  Array.from({ length: count }, () => accounts.map((account) => recordOf(sent(entryAdded({ account, amount: 1 }))))).flat();
const of = (name: string) => reader.seen.filter(({ key }) => key.startsWith(`${name}-`));
const arrived = (name: string, count: number, limitMs?: number) => eventually(() => of(name).length >= count, limitMs);

async function committedOffsets(): Promise<number> {
  const admin = ledgerKafka(brokers).admin();
  await admin.connect();
  const [topic] = await admin.fetchOffsets({ groupId: `landfall.ledger.${entries.name}`, topics: [entries.name] });
  await admin.disconnect();
  return topic!.partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
}

/** A send that was tried again has left more records than messages. */
async function endOffsets(): Promise<number> {
  const admin = ledgerKafka(brokers).admin();
  await admin.connect();
  const partitions = await admin.fetchTopicOffsets(entries.name);
  await admin.disconnect();
  return partitions.reduce((sum, { high }) => sum + Number(high), 0);
}

it('commits no offset before the database has committed, and all of them after, also where Kafka did not take them at once', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await publish(brokers, rounds(accountsOf('held'), 5));
  let failures = 0;
  await start({
    reach: (point) => {
      if (point === 'batch.before-commit') return held;
      if (point === 'consumer.before-offsets' && failures++ === 0) throw new Error('the coordinator is another now');
      return undefined;
    },
  });
  await new Promise((resolve) => setTimeout(resolve, 2500)); // two ticks of the offsets' timer
  expect(await committedOffsets()).toBe(0);
  release();
  await arrived('held', 120);
  await eventually(async () => (await committedOffsets()) === (await endOffsets()));
});

it('refuses topics that have another number of partitions than there are partitions', async () => {
  const kafka = ledgerKafka(brokers);
  await requirePartitions(kafka, [entries.name], 8);
  await expect(requirePartitions(kafka, [entries.name], 24)).rejects.toThrow('has 8 partitions and PARTITIONS is 24');
});

it('carries every message through the service once and in order', async () => {
  await start();
  const accounts = accountsOf('through');
  await publish(brokers, rounds(accounts, 50));
  await arrived('through', 1200);
  expect(versionsByAccount(of('through'))).toEqual(inOrder(accounts, 50));
});

it('goes on behind bytes that cannot be read and behind a poison message, and redelivers by itself when it can', async () => {
  const { behaviour, get } = await start();
  let isPoisonous = true;
  behaviour.decide = (account, message) => {
    if (isPoisonous && message.key === 'poison-0') throw new Error('cannot be handled');
    return add(account, message);
  };
  const partition = recordOf(sent(entryAdded({ account: 'poison-1', amount: 1 }))).partition;
  await publish(brokers, [
    { key: 'poison-broken', value: '{"not":"an envelope"}', partition },
    { key: null, value: Buffer.from([255]), partition },
    ...rounds(accountsOf('poison', 4), 5),
  ]);
  await arrived('poison', 15);
  const administration = get(DeadLetterAdministration);
  expect((await administration.blockedKeys()).map(({ key, state }) => `${key} ${state}`).sort()).toEqual([
    `partition ${partition} dead`,
    'poison-0 failing',
    'poison-broken dead',
  ]);
  isPoisonous = false;
  await arrived('poison', 20);
  expect(versionsByAccount(of('poison'))).toEqual(inOrder(accountsOf('poison', 4), 5));
  expect((await administration.blockedKeys()).map(({ state }) => state)).toEqual(['dead', 'dead']);
});

it('has every effect once through outages of the database', async () => {
  await start();
  const accounts = accountsOf('outage');
  const publishing = publish(brokers, rounds(accounts, 100));
  for (let cut = 1; cut <= 5; cut++) {
    await eventually(() => of('outage').length >= cut * 200);
    await database.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
  }
  await publishing;
  await arrived('outage', 2400);
  expect(versionsByAccount(of('outage'))).toEqual(inOrder(accounts, 100));
});

it('has every effect once when its process is killed before or after the commit and started again', async () => {
  for (const [name, point] of [
    ['before', 'batch.before-commit'],
    ['after', 'batch.after-commit'],
    ['offsets', 'consumer.before-offsets'],
  ] as const) {
    const accounts = accountsOf(name);
    const doomed = await startChild({
      url: database.serviceUrl,
      brokers,
      killAt: { point, after: point === 'consumer.before-offsets' ? 1 : 2 },
    });
    const publishing = publish(brokers, rounds(accounts, 50));
    expect(await doomed.ended).toBe('SIGKILL');
    await publishing;
    const heir = await startChild({ url: database.serviceUrl, brokers });
    await arrived(name, 1200);
    await heir.stop();
    expect(versionsByAccount(of(name))).toEqual(inOrder(accounts, 50));
  }
});

it('takes a member out of the group that died under the same name, and no other', async () => {
  const doomed = await startChild({
    url: database.serviceUrl,
    brokers,
    instance: 'gone',
    killAt: { point: 'batch.after-commit', after: 1 },
  });
  await publish(brokers, rounds(accountsOf('left', 1), 1));
  expect(await doomed.ended).toBe('SIGKILL');
  const leave = (instance: string) => leaveForPredecessor(ledgerKafka(brokers), `landfall.ledger.${entries.name}`, `ledger@${instance}`);
  expect([await leave('another'), await leave('gone'), await leave('gone')]).toEqual([0, 1, 0]); // its session would run for 10 s more
});
