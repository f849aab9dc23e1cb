import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../process/ports';
import { repositoryDir } from '../repository';
import { ensureDatabase } from '../system/database';
import { allServices, knownPorts } from '../system/services';
import { startTestServers, type TestServers } from '../testing/test-servers';
import { readCompose, type Compose } from './compose';
import { buildImage, sizesOf, type BuiltImage } from './image.stages';

/** `node` of the official image. */
const userOfImage = 1000;
const isRoot = process.getuid?.() === 0;
const runsAs = imageUser();
/** A busy machine takes minutes to start everything. */
const readyLimitMs = 180_000;
const stopLimitMs = 40_000;
const probePauseMs = 500;
const mostMegabytes = 250;
const keptWords = 2_000;

interface Running {
  name: string;
  process: ChildProcess;
  words: string;
}

/**
 * Builds both images into a folder by the Dockerfile's own commands, and runs there what docker-compose.yml runs, with its settings and the images' environment
 * and entry point, as a user who may write nowhere in it, against a real Postgres and Kafka: keys, topics, migrations, emulator, services. Each has to become healthy
 * by the image's own check, and to stop with 0 when it is told to.
 */
export async function runImage(
  stop: AbortSignal,
  say: (line: string) => void,
): Promise<{ what: string; faults: string[]; leftOut: string[] }> {
  const dir = mkdtempSync(join(tmpdir(), 'landfall-image-'));
  chmodSync(dir, 0o755);
  const faults: string[] = [];
  let megabytes = 0;
  let servers: TestServers | undefined;
  const running: Running[] = [];
  try {
    say('Running the stages of the Dockerfile into a folder.');
    const services = buildImage(repositoryDir, 'services', dir);
    const emulator = buildImage(repositoryDir, 'emulator', dir);
    megabytes = services.megabytes;
    if (megabytes > mostMegabytes) faults.push(`the image has ${megabytes} MB beside Node, and shall have ${mostMegabytes} at most`);
    const before = [services, emulator].map((image) => JSON.stringify([...sizesOf(image.dir)]));
    servers = await startTestServers({});
    const compose = await onThisMachine(readCompose(repositoryDir), servers, dir);
    stop.throwIfAborted();
    say('Starting what docker-compose.yml starts from there.');
    await runAll(compose, { services, emulator }, running, stop);
    faults.push(...(await stopAll(running)));
    const after = [services, emulator].map((image) => JSON.stringify([...sizesOf(image.dir)]));
    if (after.join() !== before.join()) faults.push('something wrote into the files of an image while it ran');
  } catch (error) {
    stop.throwIfAborted();
    faults.push((error as Error).message);
  } finally {
    for (const { process } of running) process.kill('SIGKILL');
    await servers?.stop();
    rmSync(dir, { recursive: true, force: true });
  }
  return {
    what: `the image (${megabytes} MB beside Node): keys, topics, migrations, emulator and services run from it, and stop with 0`,
    faults,
    leftOut: isRoot && !runsAs.uid ? ['that the image runs as its own user: this folder is closed to others, so it ran as root'] : [],
  };
}

async function runAll(
  { services }: Compose,
  images: { services: BuiltImage; emulator: BuiltImage },
  running: Running[],
  stop: AbortSignal,
): Promise<void> {
  const start = (name: string, image: BuiltImage) => {
    const { command = [], environment = {} } = services[name]!;
    const one: Running = { name, process: inImage(image, [...image.stage.entrypoint, ...[command].flat()], environment), words: '' };
    for (const output of [one.process.stdout, one.process.stderr])
      output?.setEncoding('utf8').on('data', (piece: string) => (one.words = (one.words + piece).slice(-keptWords)));
    running.push(one);
    return one;
  };
  await healthy(start('emulator', images.emulator), atPort(images.emulator, services['emulator']!), {}, stop);
  for (const name of ['keys', 'topics', ...allServices.map((service) => `migrate-${service.name}`)]) {
    const job = start(name, images.services);
    const [exitCode] = (await once(job.process, 'close')) as [number | null];
    if (exitCode !== 0) throw new Error(`${name} ended with ${exitCode}: ${job.words.trim()}`);
    running.pop();
  }
  const started = allServices.map(({ name }) => start(name, images.services));
  await Promise.all(started.map((one) => healthy(one, images.services, services[one.name]!.environment ?? {}, stop)));
}

/** As root a process is started as the image's user, where that one can reach Node at all: not where the repository lies below a closed folder. */
function imageUser(): { uid?: number; gid?: number } {
  if (!isRoot) return {};
  const user = { uid: userOfImage, gid: userOfImage };
  return spawnSync(process.execPath, ['--version'], { ...user, cwd: tmpdir(), stdio: 'ignore' }).status === 0 ? user : {};
}

/** Node of this repository stands for that of the base image. */
function inImage({ dir, stage }: BuiltImage, [program, ...args]: string[], environment: Record<string, string>): ChildProcess {
  if (program !== 'node') throw new Error(`the entry point of the image is ${program}, and not node`);
  return spawn(process.execPath, args, {
    cwd: dir,
    env: { ...stage.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...runsAs,
  });
}

async function healthy(one: Running, image: BuiltImage, environment: Record<string, string>, stop: AbortSignal): Promise<void> {
  for (const until = Date.now() + readyLimitMs; Date.now() < until; await wait(probePauseMs)) {
    stop.throwIfAborted();
    if (one.process.exitCode !== null) throw new Error(`${one.name} ended with ${one.process.exitCode}: ${one.words.trim()}`);
    const [exitCode] = (await once(inImage(image, image.stage.healthcheck, environment), 'close')) as [number | null];
    if (exitCode === 0) return;
  }
  throw new Error(`${one.name} was not healthy within ${readyLimitMs / 1000} s: ${one.words.trim()}`);
}

/** The services before the emulator, as they would stop. */
async function stopAll(running: readonly Running[]): Promise<string[]> {
  const faults: string[] = [];
  for (const { name, process, words } of running.toReversed()) {
    const ended = once(process, 'close') as Promise<[number | null]>;
    process.kill('SIGTERM');
    const [exitCode] = await Promise.race([ended, wait(stopLimitMs, [null] as const, { ref: false })]);
    if (exitCode !== 0) faults.push(`${name} stopped with ${exitCode}, and not with 0: ${words.trim()}`);
  }
  return faults;
}

/** docker-compose.yml with the ports and folders of this machine in place of those of the containers. */
async function onThisMachine(compose: Compose, servers: TestServers, dir: string): Promise<Compose> {
  await ensureDatabase(servers.postgres!.url, 'landfall');
  const keys = join(dir, 'keys');
  mkdirSync(keys, { mode: 0o777 });
  chmodSync(keys, 0o777);
  const catalog = join(dir, 'catalog.yaml'); // the repository may be closed to the image's user
  copyFileSync(join(repositoryDir, 'deploy/compose/catalog.yaml'), catalog);
  const ports = await Promise.all(
    [knownPorts.gateway, knownPorts.emulator, ...allServices.map(({ managementPort }) => managementPort)].map(
      async (port) => [port, await freePort()] as const,
    ),
  );
  const [[, gateway], [, emulator]] = ports as [readonly [number, number], readonly [number, number]];
  const places: [RegExp, string][] = [
    [/postgres:5432/g, `127.0.0.1:${servers.postgres!.port}`],
    [/kafka:9094/g, servers.kafka!.brokers],
    [/^\/keys/g, keys],
    [/^\/etc\/landfall\/catalog\.yaml$/g, catalog],
    [/=\/data$/g, `=${join(keys, 'emulator')}`],
    ...ports.map(([port, free]): [RegExp, string] => [new RegExp(`(?<=:|^)${port}\\b`, 'g'), String(free)]),
  ];
  const placed = (text: string) => places.reduce((sum, [place, here]) => sum.replace(place, here), String(text));
  const services = Object.entries(compose.services).map(([name, container]) => {
    const { command = [], environment = {} } = container;
    const args = [...[command].flat().map(placed), ...(name === 'emulator' ? [`--port=${emulator}`] : [])];
    const settings = Object.fromEntries(Object.entries(environment).map(([setting, value]) => [setting, placed(value)]));
    return [name, { ...container, command: args, environment: { ...settings, ...(name === 'gateway' && { PORT: String(gateway) }) } }];
  });
  return { ...compose, services: Object.fromEntries(services) as Compose['services'] };
}

/** The emulator's check asks the port that it has in its image. */
function atPort(image: BuiltImage, { command = [] }: Compose['services'][string]): BuiltImage {
  const port = [command].flat().at(-1)!.replace('--port=', '');
  const healthcheck = image.stage.healthcheck.map((part) => part.replace(String(knownPorts.emulator), port));
  return { ...image, stage: { ...image.stage, healthcheck } };
}
