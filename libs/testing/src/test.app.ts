import { decodeMessage, topicNameOf, topics, type Draft, type Message, type Topic } from '@landfall/contracts';
import { DeadLetterAdministration, type BlockedKey, type RawRecord } from '@landfall/messaging';
import { messagingDriver, type ExistingJob, type MessagingDriver } from '@landfall/messaging/testing';
import { Clock, PublicAdapter, TRANSPORT, type MigrationClass, type OperatorRole } from '@landfall/service-defaults';
import type { DynamicModule, InjectionToken, Type } from '@nestjs/common';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { FastifyInstance, FastifyServerOptions, InjectOptions, LightMyRequestResponse } from 'fastify';
import { aMessage, isMessage } from './a.message';
import { startOperatorAuthority } from './operator.authority';
import { TestClock } from './test.clock';
import { serviceDatabase } from './test.database';
import { keyringFile, setEnvironment } from './test.environment';

type Later<T> = T | (() => T | Promise<T>);
export type Override = readonly [InjectionToken, unknown];

export interface TestAppOptions {
  /** The service's own schema. */
  readonly schema: string;
  readonly migrations: readonly MigrationClass[];
  /** Settings of the service, beside those that every spec gets. As a function where they are known only when the spec runs. */
  readonly env?: Later<Readonly<Record<string, string>>>;
  /** What stands where the system ends: fakes of Microsoft. */
  readonly overrides?: Later<readonly Override[]>;
  /** As for `runService`: with it the application parses bodies itself. */
  readonly configure?: (fastify: FastifyInstance, app: NestFastifyApplication) => void | Promise<void>;
  /** The options of its server, where requests come to it by a network. */
  readonly server?: Later<FastifyServerOptions>;
  /** As for `runService` with a `publicPort`: `http` then asks the public port, and `management` the other one. */
  readonly hasPublicPort?: boolean;
}

type Sendable = Draft | Message;

/** One more copy of the service of a spec, with the same settings, on the same database. */
export type TestCopy = Pick<TestApp, 'deliver' | 'deliverRecords' | 'get' | 'nest'>;

/** A service in a spec: its own migrated database, its own role, real code, no broker. Messages and jobs move when the spec says so. */
export interface TestApp {
  /** Hands messages to the consumers of their topics; adjacent ones of one topic are one batch. Rejects with the reason where one became a dead letter. */
  deliver(...messages: readonly Sendable[]): Promise<void>;
  /** The same for specs about dead letters: what they block is in `blockedKeys()`. */
  tryDeliver(...messages: readonly Sendable[]): Promise<void>;
  /** Hands records to the consumer that takes those of the topic as they came, as one batch of Kafka. */
  deliverRecords(topic: Topic, records: readonly RawRecord[]): Promise<void>;
  /** What the service has sent since the last call, in order. Each must keep its contract. */
  sent(): Promise<Message[]>;
  jobs(): Promise<ExistingJob[]>;
  /** Performs each job that is due now once, and gives their number. A job that becomes due by that waits for the next call. */
  perform(): Promise<number>;
  /** Redelivers every blocked key that is not dead, due or not, and gives the number of keys. */
  redeliver(): Promise<number>;
  /** Keys that are waiting, failing or dead. */
  blockedKeys(): Promise<readonly BlockedKey[]>;
  get<T>(token: InjectionToken<T>): T;
  /** A request to the service's own endpoints, without a network. */
  http(request: InjectOptions): Promise<LightMyRequestResponse>;
  /** The same to the management port. */
  management(request: InjectOptions): Promise<LightMyRequestResponse>;
  /** The value of an `authorization` header of an operator. */
  bearer(role: OperatorRole, subject?: string, claims?: Readonly<Record<string, unknown>>): Promise<string>;
  /** As superuser; a table is named with its schema. */
  query<Row extends Record<string, unknown> = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<Row[]>;
  readonly clock: TestClock;
  readonly nest: NestFastifyApplication;
  /** Starts one more copy; it ends with the app. */
  copy(): Promise<TestCopy>;
  /** The hooks do it by themselves; for a spec about what happens at the end. */
  stop(): Promise<void>;
}

const startLimitMs = 120_000;

/**
 * To be called where a `describe` or a file begins: it registers `beforeAll` and `afterAll` by itself, and the app may be used inside of tests
 * and later hooks. One per file, since a service reads its settings once per process.
 */
export function testApp(module: Type | DynamicModule, options: TestAppOptions): TestApp {
  let running: TestApp | undefined;
  beforeAll(async () => {
    running = await startTestApp(module, options);
  }, startLimitMs);
  afterAll(() => running?.stop(), startLimitMs);
  return new Proxy({} as TestApp, {
    get(_target, name: keyof TestApp) {
      if (!running) throw new Error(`The app has not been started: use app.${name} inside of a test or a hook`);
      return running[name];
    },
  });
}

/** The same without jest's hooks: whoever starts it stops it. */
export async function startTestApp(module: Type | DynamicModule, options: TestAppOptions): Promise<TestApp> {
  const ends: (() => unknown)[] = [];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    return await start(module, options, ends, stop);
  } catch (error) {
    await stop(); // what runs already would keep jest from ending
    throw error;
  }
}

async function start(
  module: Type | DynamicModule,
  options: TestAppOptions,
  ends: (() => unknown)[],
  stop: () => Promise<void>,
): Promise<TestApp> {
  const keyring = keyringFile();
  ends.push(keyring.remove);
  const authority = await startOperatorAuthority();
  ends.push(authority.stop);
  const database = await serviceDatabase(options.schema, options.migrations);
  ends.push(database.drop);
  const environment = {
    DATABASE_URL: database.serviceUrl,
    KAFKA_BROKERS: '127.0.0.1:1', // nothing listens, and nobody asks
    INSTANCE_NAME: `${options.schema}-0`,
    MANAGEMENT_PORT: '0',
    KEYRING_FILE: keyring.path,
    OPERATORS_AUTHORITY_URL: authority.url,
    OPERATORS_AUDIENCE: authority.audience,
    ...(await now(options.env ?? {})),
  };
  ends.push(setEnvironment(environment));
  const clock = new TestClock();
  const nest = await createNest(module, options, clock, ends);
  const driver = messagingDriver(nest);
  let position = '0';

  return {
    tryDeliver: (...messages) => deliverBy(driver, messages),
    ...copyOf(nest, driver),
    async sent() {
      const sent = await driver.sent(position);
      position = sent.position;
      return sent.envelopes.map(kept);
    },
    jobs: () => driver.jobs(),
    perform: () => driver.perform(),
    redeliver: () => driver.redeliver(),
    blockedKeys: () => nest.get(DeadLetterAdministration, { strict: false }).blockedKeys(),
    http: (request) => nest.inject(request) as Promise<LightMyRequestResponse>,
    management: (request) => managementOf(nest).inject(request),
    bearer: (role, subject, claims) => authority.bearer(role, subject, claims),
    query: (sql, values) => database.query(sql, values),
    clock,
    async copy() {
      const other = await createNest(module, options, clock, ends);
      return copyOf(other, messagingDriver(other));
    },
    stop,
  };
}

const copyOf = (nest: NestFastifyApplication, driver: MessagingDriver): TestCopy => ({
  deliver: (...messages) => withoutDeadLetters(nest.get(DeadLetterAdministration, { strict: false }), () => deliverBy(driver, messages)),
  deliverRecords: (topic, records) => driver.deliverRecords(topic, records),
  get: (token) => nest.get(token, { strict: false }),
  nest,
});

async function deliverBy(driver: MessagingDriver, messages: readonly Sendable[]): Promise<void> {
  for (const { topic, batch } of batches(messages)) await driver.deliver(topic, batch);
}

async function createNest(
  module: Type | DynamicModule,
  { overrides, configure, server, hasPublicPort }: TestAppOptions,
  clock: TestClock,
  ends: (() => unknown)[],
): Promise<NestFastifyApplication> {
  const building = Test.createTestingModule({ imports: [module] });
  building.overrideProvider(Clock).useValue(clock);
  for (const [token, value] of await now(overrides ?? [])) building.overrideProvider(token).useValue(value);
  const compiled = await building.compile();
  const adapter = hasPublicPort ? new PublicAdapter(await now(server ?? {})) : new FastifyAdapter((await now(server ?? {})) as never);
  const nest = compiled.createNestApplication<NestFastifyApplication>(adapter, {
    bodyParser: configure === undefined,
    logger: ['warn', 'error', 'fatal'],
  });
  ends.push(() => nest.close());
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  await configure?.(fastify, nest);
  // Connected but never told to listen: handlers are known, and nothing polls.
  nest.connectMicroservice({ strategy: nest.get<CustomTransportStrategy>(TRANSPORT, { strict: false }) }, { inheritAppConfig: true });
  await nest.init();
  await fastify.ready();
  return nest;
}

function managementOf(nest: NestFastifyApplication): FastifyInstance {
  const adapter: unknown = nest.getHttpAdapter();
  return adapter instanceof PublicAdapter ? adapter.managementServer : (nest.getHttpAdapter().getInstance() as unknown as FastifyInstance);
}

/** Adjacent messages of one topic together, in order. */
function batches(messages: readonly Sendable[]): { topic: Topic; batch: Message[] }[] {
  const grouped: { topic: Topic; batch: Message[] }[] = [];
  for (const sendable of messages) {
    const message = isMessage(sendable) ? sendable : aMessage(sendable);
    const topic = topicOf(message.type);
    const last = grouped.at(-1);
    if (last?.topic === topic) last.batch.push(message);
    else grouped.push({ topic, batch: [message] });
  }
  return grouped;
}

function topicOf(type: string): Topic {
  const name = topicNameOf(type);
  const topic = topics.find((candidate) => candidate.name === name);
  if (!topic) throw new Error(`${name} is not among the topics of Landfall`);
  return topic;
}

/** A spec that does not expect it must not pass by a dead letter. Waiting is no fault. */
async function withoutDeadLetters(administration: DeadLetterAdministration, work: () => Promise<void>): Promise<void> {
  const faulty = async () => (await administration.blockedKeys()).filter(({ state }) => state !== 'waiting');
  const before = new Set((await faulty()).map(({ consumer, key }) => `${consumer} ${key}`));
  await work();
  const blocked = (await faulty()).find(({ consumer, key }) => !before.has(`${consumer} ${key}`));
  if (blocked) throw new Error(`A dead letter of ${blocked.consumer} blocks ${blocked.key}: ${blocked.reason}`);
}

/** What leaves the service keeps its contract, or the spec fails. */
function kept(envelope: unknown): Message {
  const text = JSON.stringify(envelope);
  const decoded = decodeMessage(topicOf((envelope as { type: string }).type), text);
  if (decoded.kind !== 'message')
    throw new Error(`The service sent what its contract forbids: ${decoded.kind === 'broken' ? decoded.reason : decoded.type}`);
  return decoded.message as Message;
}

const now = <T>(later: Later<T>): T | Promise<T> => (typeof later === 'function' ? (later as () => T | Promise<T>)() : later);
