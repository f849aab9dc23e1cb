import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { landfallDir, repositoryDir } from '../repository';

/** A service of the system as `services.json` lists it. The order there is the one in which services are named to people. */
export interface Service {
  /** Of its folder below `apps`. */
  name: string;
  /** Of the one service that customers and Microsoft reach; the others have their management port alone. */
  port?: number;
  /** Metrics, health and REST. */
  managementPort: number;
  /** Its database schema; its database role has the same name after `landfall_`. */
  schema: string;
  /** Whether it has encryption keys of its own in the keyring. */
  hasKeys: boolean;
  /** Whether `npm start` starts it. */
  isStarted: boolean;
  /** Of V8, where it is not that of all services: `--max-semi-space-size`. */
  semiSpaceMiB?: number;
  /** The settings with secrets that it alone may have, beside its database login; each also as `NAME_FILE`. */
  secrets?: string[];
}

interface ServiceList {
  services: Service[];
  /** Applications that are no services of ours. */
  others: { name: string; port?: number }[];
}

const { services, others } = JSON.parse(readFileSync(join(repositoryDir, 'services.json'), 'utf8')) as ServiceList;

export const allServices: readonly Service[] = services;

/** What `npm start` and the journeys start. */
export const serviceNames: readonly string[] = services.filter(({ isStarted }) => isStarted).map(({ name }) => name);

/** The services that others can encrypt something for. */
export const namesWithKeys: readonly string[] = services.filter(({ hasKeys }) => hasKeys).map(({ name }) => name);

export const emulatorName = 'marketplace-emulator';

/** Where customers and Microsoft reach us, and where the emulator listens, unless PORT and EMULATOR_PORT say otherwise. */
export const knownPorts = {
  gateway: portOf(services.find(({ port }) => port !== undefined)),
  emulator: portOf(others.find(({ name }) => name === emulatorName)),
};

/** Throws where there is no such service. */
export function serviceOf(name: string): Service {
  const service = services.find((one) => one.name === name);
  if (!service) throw new Error(`services.json lists no service "${name}".`);
  return service;
}

/** The database role of a service, which can touch the service's own schema and nothing else. */
export function roleOf(name: string): string {
  return `landfall_${serviceOf(name).schema}`;
}

/** A program of an application, below the repository: `main` is the service, `migrate` brings its schema up to date. */
export function programOf(app: string, program: 'main' | 'migrate'): string {
  return join('apps', app, 'dist', `${program}.js`);
}

/** What Node is told of one service beside what it is told of all. */
export function nodeFlagsOf(name: string): string[] {
  const { semiSpaceMiB } = serviceOf(name);
  return semiSpaceMiB === undefined ? [] : [`--max-semi-space-size=${semiSpaceMiB}`];
}

export function scriptOf(app: string, program: 'main' | 'migrate'): string {
  return join(repositoryDir, programOf(app, program));
}

/**
 * Settings of every Node process of ours: what Node compiled once is taken from a cache, which saves a third of a start; flags meant for the runner or for jest
 * are left out.
 */
export const nodeSettings = { NODE_COMPILE_CACHE: join(landfallDir, 'compile-cache'), NODE_OPTIONS: undefined };

function portOf(application: { port?: number } | undefined): number {
  if (!application?.port) throw new Error(`services.json names no port of the gateway, or none of the ${emulatorName}.`);
  return application.port;
}
