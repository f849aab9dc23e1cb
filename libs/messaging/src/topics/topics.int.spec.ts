import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { topics } from '@landfall/contracts';
import { landfallDir, repositoryDir, securedKafka, type SecuredKafka } from '@landfall/local';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { compareTopics, makeTopics } from './topics';

const partitions = 8;
const dir = mkdtempSync(join(landfallDir, 'topics-'));
const names = topics.map(({ name }) => name);
const events = 'landfall.subscription.events.v1';
const snapshots = 'landfall.subscription.snapshots.v1';
let kafka: SecuredKafka;
let admin: Admin;

beforeAll(async () => {
  kafka = await securedKafka(dir);
  const sasl = { mechanism: 'plain' as const, username: 'admin', password: kafka.passwordOf('admin') };
  admin = new Kafka({ brokers: [kafka.brokers], ssl: { ca: [kafka.authority] }, sasl, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
});
afterAll(async () => {
  await admin?.disconnect();
  await kafka?.stop();
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
});

/** As a deployment runs it. */
async function program(login: string, more: Record<string, string>, ...args: string[]): Promise<{ exitCode: number | null; said: string }> {
  const settings = Object.fromEntries(Object.entries(kafka.settingsOf(login)).filter(([name]) => name.startsWith('KAFKA_')));
  const env = { PATH: process.env['PATH'], ...settings, KAFKA_BROKERS: kafka.brokers, PARTITIONS: String(partitions), ...more };
  const running = spawn(process.execPath, [join(repositoryDir, 'libs/messaging/dist/topics/main.js'), ...args], { env });
  let said = '';
  for (const output of [running.stdout, running.stderr]) output.setEncoding('utf8').on('data', (piece: string) => (said += piece));
  const exitCode = await new Promise<number | null>((resolve) => running.once('close', resolve));
  return { exitCode, said };
}

const alter = (name: string, entries: Record<string, string>) =>
  admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: 2, name, configEntries: Object.entries(entries).map(([entry, value]) => ({ name: entry, value })) }],
  });
const asMade = (name: string) =>
  alter(name, name === snapshots ? { 'cleanup.policy': 'compact' } : { 'cleanup.policy': 'delete', 'retention.ms': '2592000000' });

it('finds nothing wrong with what it made, and makes nothing twice', async () => {
  expect(await makeTopics(admin, partitions)).toEqual([]);
  expect(await compareTopics(admin, partitions)).toEqual({ wrong: [], doubtful: [] });
  expect(await program('topics', {})).toEqual({ exitCode: 0, said: 'topics: as they should be\n' });
});

it('makes what is missing, as what may make topics and as nobody else', async () => {
  await admin.deleteTopics({ topics: [events] });
  expect(await program('topics', { TOPICS: 'check' })).toMatchObject({
    exitCode: 1,
    said: expect.stringContaining(
      `${events} is missing: kafka-topics.sh --create --topic ${events} --partitions 8 --config cleanup.policy=delete --config retention.ms=2592000000`,
    ),
  });
  expect(await program('subscription', {})).toMatchObject({ exitCode: 1 });
  expect(await program('topics', {})).toEqual({ exitCode: 0, said: `topics: 1 made (${events})\n` });
});

it.each<[string, string, Record<string, string>, string]>([
  [
    'keeps only the newest event of a key',
    events,
    { 'cleanup.policy': 'compact' },
    'all but the newest event of a key would be thrown away',
  ],
  ['throws away what is kept for ever', snapshots, { 'cleanup.policy': 'delete' }, 'what it keeps for ever would be thrown away'],
  [
    'keeps longer than it is remembered',
    events,
    { 'retention.ms': '-1' },
    'is kept for ever: what was handled is remembered little longer than 30 days',
  ],
])('refuses a topic that %s', async (_what, name, config, says) => {
  await alter(name, config);
  expect((await program('topics', {})).said).toContain(says);
  await asMade(name);
  expect(await compareTopics(admin, partitions)).toEqual({ wrong: [], doubtful: [] });
});

it('says of a topic that keeps for a shorter time what that means, and goes on', async () => {
  await alter(events, { 'cleanup.policy': 'delete', 'retention.ms': '604800000' });
  const { exitCode, said } = await program('topics', {});
  expect([exitCode, said]).toEqual([
    0,
    expect.stringContaining(`${events} is kept for 7.0 days instead of 30: who has not read for so long loses messages`),
  ]);
  await asMade(events);
});

it('refuses another number of partitions than the topics have', async () => {
  const { wrong } = await compareTopics(admin, 4);
  expect(wrong).toEqual(names.map((name) => `${name} has 8 partitions and PARTITIONS is 4`).sort());
});

it('names what is wrong with its settings, and where no Kafka is', async () => {
  expect(await program('topics', { TOPICS: 'maybe', PARTITIONS: '0' })).toMatchObject({
    exitCode: 78,
    said: expect.stringContaining('TOPICS is "maybe"'),
  });
  expect(await program('topics', { KAFKA_SASL_PASSWORD: 'wrong' })).toMatchObject({
    exitCode: 1,
    said: expect.stringContaining('Kafka cannot be used at'),
  });
});

it('prints what each login needs', async () => {
  const { exitCode, said } = await program('topics', {}, '--rights', '--principal', 'User:{login}');
  expect([
    exitCode,
    said
      .split('\n')
      .filter(Boolean)
      .every((line) => line.startsWith('kafka-acls.sh ')),
  ]).toEqual([0, true]);
  expect(said).toContain("--allow-principal 'User:gateway' --operation Write --operation Describe --topic 'landfall.gateway.events.v1'");
});

it('prints what a product needs, and no rights over groups of ours', async () => {
  const { exitCode, said } = await program('topics', {}, '--rights', '--product', 'shop');
  expect(exitCode).toBe(0);
  expect(said).toContain("--allow-principal 'User:shop' --operation Write --operation Describe --topic 'landfall.usage.v1'");
  expect(said).not.toContain('landfall.gateway.events.v1');
  expect(await program('topics', {}, '--rights', '--product', 'landfall.shop')).toMatchObject({
    exitCode: 1,
    said: expect.stringMatching(/^No groups of a product begin with 'landfall\.shop'/),
  });
});
