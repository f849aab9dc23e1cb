import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startGuarded, type Ending, type GuardedProcess } from '../process/guarded-process';
import { endOrphan, noteOwner } from '../process/orphan';
import { freePort, loopback, requireFree } from '../process/ports';
import { NotReady, SetupError } from '../setup.error';
import { kafkaClient, loginOf } from './kafka.client';
import { archiveFlags, classArchive, type ClassArchive } from './kafka.archive';
import { kafkaLibraries, logConfiguration, requireJava } from './kafka.libraries';
import { scramUsers, serverProperties, type BrokerPorts, type BrokerSecurity } from './kafka.properties';
import { fenceStaleRegistration, wasStoppedUncleanly } from './stale-registration';

export interface KafkaOptions {
  /** Kept between runs. */
  dataDir: string;
  /** Any free port when left out. It stays the same through `restart`. */
  port?: number;
  /** Of a proxy to `port`, by which clients are told to come. It has to be there before the broker. */
  advertisedPort?: number;
  logFile?: string;
  /** Not given: everybody on this machine may do everything. */
  security?: BrokerSecurity;
  /** Called as soon as there is a process, before it is ready: it can then be stopped while it starts. */
  onSpawn?(running: GuardedProcess): void;
}

export interface RunningKafka {
  brokers: string;
  port: number;
  readonly pid: number;
  /** Resolves when the broker that runs now has ended, asked to or not. */
  readonly ended: GuardedProcess['ended'];
  /** Graceful; the data stays. */
  stop(): Promise<void>;
  /** SIGKILL. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data; stops it first where it still runs. Resolves when it answers. */
  restart(): Promise<void>;
}

/** Small and quick to start: one garbage collector thread, no optimising compiler. */
const javaFlags = [
  '-Xmx256m',
  '-Xms64m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Djava.awt.headless=true',
  '-Dlog4j2.disable.jmx=true',
  `-Dlog4j2.configurationFile=${logConfiguration}`,
];

/** A busy machine takes half a minute, and one that recovers what was not flushed takes longer. */
const readyLimitMs = 300_000;
const probeLimitMs = 5_000;
const stopPatienceMs = 15_000;
/** To write an archive takes some five seconds of CPU time more. */
const archivePatienceMs = 120_000;

/** How often other ports are tried when somebody else takes a free one first. */
const portTries = 3;

/** Starts a Kafka on `dataDir`, formatting it first where it is new. Answers clients when it resolves. */
export async function startKafka(options: KafkaOptions): Promise<RunningKafka> {
  const command = requireJava();
  const libraries = await kafkaLibraries();
  if (options.port) await requireFree(options.port, 'Kafka', 'Stop that program, or set KAFKA_BROKERS to a Kafka of yours.');
  await endOrphan(ownerFile(options.dataDir));
  const { onSpawn } = options;
  const archive = await classArchive(libraries, (draft, dataDir) => runOnce({ command, libraries, archive: draft }, { dataDir, onSpawn }));
  return startOnPorts({ command, libraries, archive }, options);
}

/** To its end, for the archive of classes that it leaves. On a machine that is too busy for that, the broker that is wanted starts without. */
async function runOnce(java: Java, options: KafkaOptions): Promise<Ending | undefined> {
  try {
    const broker = await startOnPorts(java, options);
    await broker.stop();
    return await broker.ended;
  } catch (error) {
    if (error instanceof NotReady) return undefined;
    throw error;
  }
}

async function startOnPorts(java: Java, options: KafkaOptions): Promise<Broker> {
  for (let tried = 1; ; tried++) {
    const broker = new Broker(java, options, {
      broker: options.port ?? (await freePort()),
      advertised: options.advertisedPort,
      controller: await freePort(),
    });
    try {
      await broker.start();
      return broker;
    } catch (error) {
      const portWasTaken = error instanceof Error && /Address already in use/.test(error.message);
      if (!portWasTaken || tried === portTries) throw error;
    }
  }
}

/** What runs the broker. */
interface Java {
  command: string;
  /** The folder of its jars. */
  libraries: string;
  archive: ClassArchive | undefined;
}

class Broker implements RunningKafka {
  readonly brokers: string;
  readonly port: number;
  private process_?: GuardedProcess;

  constructor(
    private readonly java: Java,
    private readonly options: KafkaOptions,
    private readonly ports: BrokerPorts,
  ) {
    this.port = ports.broker;
    this.brokers = `${loopback}:${ports.broker}`;
  }

  get pid(): number {
    return this.running.pid;
  }

  get ended(): GuardedProcess['ended'] {
    return this.running.ended;
  }

  async start(): Promise<void> {
    const { dataDir, logFile = `${dataDir}.log`, security } = this.options;
    mkdirSync(dataDir, { recursive: true });
    const properties = `${dataDir}.properties`;
    writeFileSync(properties, serverProperties(dataDir, this.ports, security), { mode: 0o600 }); // it may hold passwords
    const { command, archive } = this.java;
    const isArchiving = archive !== undefined && 'write' in archive;
    const program = {
      command,
      args: this.argsOf('kafka.Kafka', archive),
      cwd: dataDir,
      stopSignal: 'SIGTERM' as const,
      patienceMs: isArchiving ? archivePatienceMs : stopPatienceMs,
      logFile,
    };
    if (!existsSync(join(dataDir, 'meta.properties'))) await this.format(properties, isArchiving ? undefined : archive);
    else if (wasStoppedUncleanly(dataDir))
      await fenceStaleRegistration({ dataDir, ports: this.ports, program, onSpawn: (running) => this.take(running) });
    const server = await startGuarded({ ...program, args: [...program.args, properties] });
    this.take(server);
    await untilReady(this.brokers, server, logFile, security);
  }

  async stop(): Promise<void> {
    await this.running.stop();
    rmSync(ownerFile(this.options.dataDir), { force: true });
  }

  async kill(): Promise<void> {
    await this.running.kill();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  private take(running: GuardedProcess): void {
    this.process_ = running;
    noteOwner(ownerFile(this.options.dataDir), running);
    this.options.onSpawn?.(running);
  }

  private get running(): GuardedProcess {
    if (!this.process_) throw new Error('The broker has not been started.');
    return this.process_;
  }

  private argsOf(mainClass: string, archive: ClassArchive | undefined): string[] {
    const { tokens } = this.options.security ?? {};
    const keys = tokens ? [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${tokens.keysUrl}`] : [];
    return [...javaFlags, ...keys, ...(archive ? archiveFlags(archive) : []), '-cp', join(this.java.libraries, '*'), mainClass];
  }

  private async format(properties: string, archive: ClassArchive | undefined): Promise<void> {
    const scram = this.options.security ? scramUsers(this.options.security) : [];
    const args = [...this.argsOf('kafka.tools.StorageTool', archive), 'format', '-t', newClusterId(), '-c', properties, ...scram];
    const said: string[] = [];
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      const tool = spawn(this.java.command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      for (const output of [tool.stdout, tool.stderr]) output.on('data', (chunk: Buffer) => said.push(chunk.toString('utf8')));
      tool.once('error', reject);
      tool.once('close', resolve);
    });
    if (exitCode !== 0) throw couldNotStart(said.join(''));
  }
}

/** A UUID in base64url. Its first bit is 0, so that it begins with a letter: the tool takes a leading dash for an option. */
function newClusterId(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes.toString('base64url');
}

function ownerFile(dataDir: string): string {
  return `${dataDir}.process.json`;
}

async function untilReady(brokers: string, server: GuardedProcess, logFile: string, security?: BrokerSecurity): Promise<void> {
  let endedEarly: string | undefined;
  void server.ended.then(({ lastLines }) => (endedEarly = lastLines));
  for (const until = Date.now() + readyLimitMs; Date.now() < until; await wait(100)) {
    if (endedEarly !== undefined) throw couldNotStart(endedEarly);
    if (await answers(brokers, security)) return;
  }
  await server.stop();
  throw new NotReady('Kafka', readyLimitMs, logFile);
}

/**
 * One try. The cluster describes itself once the broker is registered with its controller and unfenced; groups can be joined a little later, and a consumer
 * that comes too early would crash and start again.
 */
async function answers(brokers: string, security?: BrokerSecurity): Promise<boolean> {
  const admin = kafkaClient(brokers, { retries: 0 }, security && loginOf('admin', security), probeLimitMs).admin();
  try {
    await admin.connect();
    const { brokers: known } = await admin.describeCluster();
    await admin.describeGroups(['landfall-start']); // the first question about a group makes the topic of the groups' offsets
    await admin.listGroups(); // an error while any part of it is still being loaded
    return known.length === 1;
  } catch {
    return false; // not yet: the caller asks again until its limit, and notices by itself when the process has ended
  } finally {
    await admin.disconnect();
  }
}

function couldNotStart(said: string): Error {
  if (/No space left on device/.test(said))
    return new SetupError('Kafka could not start: there is no space left on the disk. Free some space and start again.');
  const reasons = said
    .trim()
    .split('\n')
    .filter((line) => !/^\s+(at |\.\.\. \d)/.test(line)); // the frames of a stack say nothing about this machine
  return new SetupError(`Kafka could not start: ${reasons.slice(-5).join('\n')}`);
}
