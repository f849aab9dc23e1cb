import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { allServices, knownPorts, nodeFlagsOf, programOf } from '../system/services';
import { environmentFaults, programOfArguments, type Load } from './programs';

export const composeFile = 'docker-compose.yml';

interface Container {
  image?: string;
  profiles?: string[];
  command?: string | string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: (string | { type: string; source: string })[];
  depends_on?: Record<string, { condition: string }>;
  read_only?: boolean;
}

export interface Compose {
  services: Record<string, Container>;
  volumes: Record<string, unknown>;
}

const ofImage = ({ image }: Container) => image === 'landfall';

export function readCompose(repository: string): Compose {
  return parse(readFileSync(join(repository, composeFile), 'utf8'), { merge: true }) as Compose;
}

/** What is wrong with it, each in a sentence. */
export function composeFaults({ services, volumes }: Compose, repository: string, load: Load): string[] {
  return [
    ...Object.entries(services).flatMap(([name, container]) => [
      ...(ofImage(container) ? environmentOfContainer(name, container, load) : []),
      ...mountFaults(name, container, repository, volumes),
      ...Object.keys(container.depends_on ?? {})
        .filter((other) => !services[other])
        .map((other) => `${name} waits for ${other}, which is not there`),
    ]),
    ...allServices.flatMap(({ name }) => serviceFaults(name, services)),
    ...portFaults(services['emulator']?.ports ?? []),
    ...emulatorFaults(services['emulator']?.command ?? [], load),
  ];
}

/** Its options are those of its program. */
function emulatorFaults(command: string | string[], load: Load): string[] {
  const [, ...options] = [command].flat();
  try {
    (load('apps/marketplace-emulator', 'main.arguments')['readArguments'] as (args: string[]) => unknown)(options);
    return [];
  } catch (error) {
    return [`emulator: ${(error as Error).message}`];
  }
}

function environmentOfContainer(name: string, { command = [], environment = {} }: Container, load: Load): string[] {
  try {
    const program = programOfArguments([command].flat(), load);
    if (!program) return Object.keys(environment).map((variable) => `${name}: its program reads no settings, and it is given ${variable}`);
    return environmentFaults(program, environment).map((fault) => `${name}: ${fault}`);
  } catch (error) {
    return [`${name}: ${(error as Error).message}`];
  }
}

function serviceFaults(name: string, services: Compose['services']): string[] {
  const running = services[name];
  const port = allServices.find((service) => service.name === name)!.managementPort;
  if (!running) return [`services.json lists ${name}, and nothing starts it`];
  const faults: string[] = [];
  if (running.environment?.['MANAGEMENT_PORT'] !== String(port)) faults.push(`${name}: its management port is ${port} in services.json`);
  const command = [...nodeFlagsOf(name), programOf(name, 'main')];
  if ([running.command].flat().join(' ') !== command.join(' '))
    faults.push(`${name}: its command is ${command.join(' ')} by services.json`);
  if (!running.read_only) faults.push(`${name}: its file system can be written to`);
  for (const first of ['topics', 'keys', ...allServices.map((service) => `migrate-${service.name}`)])
    if (running.depends_on?.[first]?.condition !== 'service_completed_successfully') faults.push(`${name}: it does not wait for ${first}`);
  return faults;
}

/** All containers of the profile `system` share the network of the emulator, so their ports are published there. */
function portFaults(published: readonly string[]): string[] {
  const isPublished = (port: number) =>
    published.some((one) => {
      const [from, to = from] = (one.split(':').at(-1) ?? '').split('-').map(Number);
      return port >= from! && port <= to!;
    });
  const faults = published.filter((one) => !one.startsWith('127.0.0.1:')).map((one) => `emulator: ${one} is open to the network`);
  const wanted = [knownPorts.gateway, knownPorts.emulator, ...allServices.map(({ managementPort }) => managementPort)];
  return [...faults, ...wanted.filter((port) => !isPublished(port)).map((port) => `emulator: port ${port} is not published`)];
}

function mountFaults(name: string, { volumes = [] }: Container, repository: string, known: Compose['volumes']): string[] {
  return volumes.flatMap((volume) => {
    const [type, source] = typeof volume === 'string' ? ['volume', volume.split(':')[0]!] : [volume.type, volume.source];
    if (type === 'volume') return source in known ? [] : [`${name}: there is no volume ${source}`];
    return existsSync(join(repository, source)) ? [] : [`${name}: there is no file ${source}`];
  });
}
