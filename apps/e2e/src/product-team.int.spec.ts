import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { partitionOf, subscriptionEvents, subscriptionSnapshots } from '@landfall/contracts';
import { createTopics, laptopPartitions, repositoryDir, testBroker, testDatabase, type TestDatabase } from '@landfall/local';
import {
  AssignerProtocol,
  Kafka,
  logLevel,
  PartitionAssigners,
  type Assigner,
  type Consumer,
  type PartitionAssigner,
  type Producer,
} from 'kafkajs';
import { eventually } from './eventually';
import { ProductTeam } from './product-team';

jest.setTimeout(600_000);

const { brokers } = testBroker();
/** An interpreter that has confluent-kafka. Without it the consumer in Python is not run: nothing of Python is among our dependencies. */
const python = process.env['PYTHON_WITH_CONFLUENT_KAFKA'];

const example = (name: string) =>
  JSON.parse(readFileSync(join(repositoryDir, 'libs/contracts/examples', `landfall.subscription.${name}.v1.json`), 'utf8')) as {
    data: Record<string, unknown>;
  };

interface Said {
  readonly subscriptionId: string;
  readonly kind: string;
  readonly sequence: number;
  readonly access?: string;
  readonly epoch?: number;
  readonly id?: string;
}

/** A message as Landfall writes it; a kind that has no example yet is one that only a newer Landfall knows. */
function messageOf({ subscriptionId, kind, sequence, access = 'full', epoch = 0, id = randomUUID() }: Said) {
  const { data, ...envelope } = example(kind === 'gift-wrapped' ? 'updated' : kind);
  const type = `landfall.subscription.${kind}.v1`;
  const value = {
    ...envelope,
    id,
    type,
    subject: subscriptionId,
    sequence,
    epoch,
    data: { ...data, subscriptionId, access, addedLater: 1 },
  };
  return { key: subscriptionId, partition: partitionOf(subscriptionId, laptopPartitions), value: JSON.stringify(value) };
}

const team = new ProductTeam();
let database: TestDatabase;
let producer: Producer;
beforeAll(async () => {
  database = await testDatabase();
  await createTopics(brokers, laptopPartitions);
  producer = new Kafka({ brokers: brokers.split(','), clientId: 'spec', logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
});
afterAll(async () => {
  await team.remove();
  await producer?.disconnect();
  await database?.drop();
});

const says = (topic: string, ...said: (Said | string)[]) =>
  producer.send({ topic, messages: said.map((one) => (typeof one === 'string' ? { key: 'x', value: one } : messageOf(one))) });
const happens = (...said: (Said | string)[]) => says(subscriptionEvents.name, ...said);
const shows = (...said: Omit<Said, 'kind'>[]) => says(subscriptionSnapshots.name, ...said.map((one) => ({ ...one, kind: 'snapshot' })));

/** The id of another subscription in the same partition: what was written there before it has been read when it is. */
function besideOf(subscriptionId: string): string {
  for (;;) {
    const id = randomUUID();
    if (partitionOf(id, laptopPartitions) === partitionOf(subscriptionId, laptopPartitions)) return id;
  }
}

/** A consumer that is in a group already and shares out partitions as no other library does. */
async function memberOfAnotherKind(groupId: string): Promise<Consumer> {
  const ways: PartitionAssigner = (config) => ({ ...PartitionAssigners.roundRobin(config), ...anotherWay });
  const kafka = new Kafka({ brokers: brokers.split(','), clientId: 'spec', logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId, partitionAssigners: [ways], maxWaitTimeInMs: 500 }); // its end waits for a fetch
  await consumer.connect();
  await consumer.subscribe({ topics: [subscriptionSnapshots.name] });
  const joined = new Promise<unknown>((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({ eachMessage: async () => undefined });
  await joined;
  return consumer;
}
const anotherWay: Pick<Assigner, 'name' | 'protocol'> = {
  name: 'another-way',
  protocol: ({ topics }) => ({
    name: 'another-way',
    metadata: AssignerProtocol.MemberMetadata.encode({ version: 0, topics, userData: Buffer.alloc(0) }),
  }),
};

interface Kept {
  /** `epoch/sequence access` of a subscription. */
  stateOf(subscriptionId: string): Promise<string | undefined>;
  /** The kinds of its events, each once. */
  eventsOf(subscriptionId: string): Promise<string[]>;
}

async function isRead(kept: Kept, ...subscriptionIds: string[]): Promise<void> {
  for (const subscriptionId of subscriptionIds) {
    const [event, snapshot] = [besideOf(subscriptionId), besideOf(subscriptionId)];
    await happens({ subscriptionId: event, kind: 'purchased', sequence: 1 });
    await shows({ subscriptionId: snapshot, sequence: 1 });
    for (const id of [event, snapshot])
      await eventually(async () => {
        if (!(await kept.stateOf(id))) throw new Error(`the consumer has not read as far: ${team.words}`);
      });
  }
}

/** What every consumer has to survive, whatever language it is written in. */
async function survives(kept: Kept, start: (group: string) => Promise<void>, forget: () => Promise<void>): Promise<void> {
  const [ours, old, restored] = [randomUUID(), randomUUID(), randomUUID()];
  await happens(
    { subscriptionId: ours, kind: 'purchased', sequence: 1, access: 'none' },
    { subscriptionId: ours, kind: 'activated', sequence: 2 },
    { subscriptionId: ours, kind: 'suspended', sequence: 3, access: 'limited' },
    'no message at all',
  );
  await shows({ subscriptionId: ours, sequence: 3, access: 'limited' }, { subscriptionId: old, sequence: 40 });
  const group = `product-team-${randomUUID()}`;
  await start(group);
  await isRead(kept, ours, old);
  expect([await kept.stateOf(ours), await kept.stateOf(old)]).toEqual(['0/3 limited', '0/40 full']);

  const reinstated = { subscriptionId: ours, kind: 'reinstated', sequence: 4, id: randomUUID() };
  await happens(reinstated, reinstated, { subscriptionId: ours, kind: 'gift-wrapped', sequence: 5, access: 'none' });
  await happens({ subscriptionId: ours, kind: 'suspended', sequence: 3, access: 'limited' }); // published again
  await shows({ subscriptionId: ours, sequence: 4 }, { subscriptionId: ours, sequence: 3, access: 'limited' }); // a delayed duplicate
  await happens({ subscriptionId: restored, kind: 'purchased', sequence: 9 });
  await happens({ subscriptionId: restored, kind: 'unsubscribed', sequence: 2, epoch: 1, access: 'ended' });
  await happens({ subscriptionId: restored, kind: 'updated', sequence: 10 });
  await isRead(kept, ours, restored);
  expect([await kept.stateOf(ours), await kept.stateOf(restored)]).toEqual(['0/4 full', '1/2 ended']);
  expect(await kept.eventsOf(ours)).toEqual(['activated', 'purchased', 'reinstated', 'suspended', 'suspended']);

  await team.stop();
  await happens({ subscriptionId: ours, kind: 'renewed', sequence: 6 }, reinstated);
  await start(group);
  await isRead(kept, ours);
  expect(await kept.stateOf(ours)).toBe('0/6 full');
  expect(await kept.eventsOf(ours)).toEqual(['activated', 'purchased', 'reinstated', 'renewed', 'suspended', 'suspended']);

  await team.stop();
  await forget();
  await start(`product-team-${randomUUID()}`);
  await isRead(kept, ours, old, restored);
  const all = [await kept.stateOf(ours), await kept.stateOf(old), await kept.stateOf(restored)];
  expect(all).toEqual(['0/6 full', '0/40 full', '1/2 ended']);
  expect(team.words).toMatch(/can't be read/);
  await team.stop();
}

it('the packed contracts hold what a product needs and nothing else, and their types are checked', () => {
  const files = team.installContracts();
  expect(files).toEqual(expect.arrayContaining(['package/dist/index.js', 'package/dist/index.d.ts', 'package/README.md']));
  expect(files.filter((file) => /spec|\/src\/|tsconfig/.test(file))).toEqual([]);
  writeFileSync(
    join(team.dir, 'typed.ts'),
    `import { decodeMessage, subscriptionEvents, tenantReady } from '@landfall/contracts';
     const ready = tenantReady({ subscriptionId: 's', requestId: 'r', tenantReference: null });
     const type: 'landfall.provisioning.tenant-ready.v1' = ready.type;
     // @ts-expect-error -- a field is missing
     tenantReady({ subscriptionId: 's', tenantReference: null });
     const read = decodeMessage(subscriptionEvents, null);
     // @ts-expect-error -- it may be unknown or broken
     read.message;
     if (read.kind === 'message' && read.message.type === 'landfall.subscription.suspended.v1') {
       const until: string = read.message.data.graceEndsAt;
       // @ts-expect-error -- only the event of a refused change has it
       read.message.data.refused;
       console.log(until);
     } else console.log(type, read.kind);`,
  );
  team.compile();
  const said = execFileSync(process.execPath, [join(team.dir, 'typed.js')], { encoding: 'utf8' });
  expect(said.trim()).toBe('landfall.provisioning.tenant-ready.v1 broken');
});

it('the consumer in TypeScript, as it is printed, survives duplicates, late snapshots, unknown kinds, a restart and a cold start', async () => {
  team.compile();
  const kept: Kept = {
    stateOf: async (id) => {
      const rows = await database.query(
        `select epoch || '/' || sequence || ' ' || access as state from landfall_subscription where subscription_id = $1`,
        [id],
      );
      return rows[0]?.['state'] as string | undefined;
    },
    eventsOf: async (id) => {
      const rows = await database.query('select type from landfall_event where subscription_id = $1', [id]);
      return rows.map(({ type }) => (type as string).split('.')[2]!).sort();
    },
  };
  const start = (group: string) =>
    team.start(process.execPath, 'consumer.js', { GROUP: group, KAFKA_BROKERS: brokers, DATABASE_URL: database.url });
  const forget = async () => void (await database.query('truncate landfall_subscription, landfall_event'));
  await survives(kept, start, forget);
});

it('the consumer in TypeScript ends with an error where it is not let into its group, and is never ready', async () => {
  const group = `product-team-${randomUUID()}`;
  const other = await memberOfAnotherKind(group);
  const env = { GROUP: group, KAFKA_BROKERS: brokers, DATABASE_URL: database.url };
  expect(await team.runToItsEnd(process.execPath, 'consumer.js', env)).toBe(1);
  expect(team.words).toContain(`The group ${group} can't be followed any more`);
  expect(team.words).not.toContain('ready');
  await other.disconnect();
});

(python ? it : it.skip)('the consumer in Python, as it is printed, survives the same', async () => {
  const file = () => join(team.dir, `${databaseName}.db`);
  let databaseName = 'first';
  const ask = (sql: string, id: string): string[] => {
    const program = `import json, sqlite3, sys\nprint(json.dumps([r[0] for r in sqlite3.connect(sys.argv[1]).execute(sys.argv[2], (sys.argv[3],))]))`;
    return JSON.parse(execFileSync(python!, ['-c', program, file(), sql, id], { encoding: 'utf8' })) as string[];
  };
  const kept: Kept = {
    stateOf: async (id) =>
      ask(`select epoch || '/' || sequence || ' ' || access from landfall_subscription where subscription_id = ?`, id)[0],
    eventsOf: async (id) =>
      ask('select type from landfall_event where subscription_id = ?', id)
        .map((type) => type.split('.')[2]!)
        .sort(),
  };
  const start = (group: string) => team.start(python!, 'consumer.py', { GROUP: group, KAFKA_BROKERS: brokers, DATABASE: file() });
  const forget = async () => void (databaseName = 'second');
  await survives(kept, start, forget);
});
