import { join } from 'node:path';
import { runProgram } from '../process/program';
import { nodeSettings } from '../system/services';

/** Makes the keys of all services that are not there yet, and returns the file of each service. @throws SetupError where they are damaged */
export async function keyringFiles(dir: string, services: readonly string[]): Promise<Map<string, string>> {
  const script = 'libs/service-defaults/dist/keyring/main.js';
  await runProgram({ script, args: ['--dir', dir, ...services], env: nodeSettings }, 'The keys of this system could not be made');
  return new Map(services.map((service) => [service, join(dir, `${service}.json`)]));
}
