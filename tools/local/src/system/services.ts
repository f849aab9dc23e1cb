import { join } from 'node:path';
import { landfallDir, repositoryDir } from '../repository';

/** The services of the system, in the order in which they are named to people. */
export const serviceNames = ['gateway', 'fulfillment', 'subscription', 'provisioning'] as const;
export type ServiceName = (typeof serviceNames)[number];

export const emulatorName = 'marketplace-emulator';

/** Metrics, health and REST of each service, one port apiece. */
export const fixedManagementPorts: Record<ServiceName, number> = {
  gateway: 9100,
  fulfillment: 9101,
  subscription: 9102,
  provisioning: 9103,
};

/** The database role of a service, which can touch the schema of the same name and nothing else. */
export function roleOf(service: ServiceName): string {
  return `landfall_${service}`;
}

/** A program of an application: `main` is the service, `migrate` brings its schema up to date. */
export function scriptOf(app: string, program: 'main' | 'migrate'): string {
  return join(repositoryDir, 'apps', app, 'dist', `${program}.js`);
}

/** Beside the settings of a Node process of ours: what Node compiled once is taken from a cache, which saves a third of a start; flags meant for the runner or for jest are left out. */
export const nodeSettings = { NODE_COMPILE_CACHE: join(landfallDir, 'compile-cache'), NODE_OPTIONS: undefined };
