import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from '../setup.error';
import { textOf, type Documents } from './documents';

/** Where they lie, from the root of the repository: one OpenAPI document per service. */
export const restDir = 'docs/reference/rest';
const limitMs = 60_000;
const outputLimitBytes = 16 * 1024 * 1024;

/** Asks each service, as it is built, for the description of its REST endpoints. Nothing of it runs. */
export function restDocuments(repository: string): Documents {
  const { services } = JSON.parse(readFileSync(join(repository, 'services.json'), 'utf8')) as { services: { name: string }[] };
  return new Map(services.map(({ name }): [string, string] => [`${restDir}/${name}.json`, textOf(describe(repository, name))]));
}

function describe(repository: string, service: string): unknown {
  const program = join(repository, 'apps', service, 'dist/main.js');
  if (!existsSync(program)) throw new SetupError(`${service} is not built: run \`npm run build\`.`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--openapi'], {
    encoding: 'utf8',
    timeout: limitMs,
    maxBuffer: outputLimitBytes,
    env: { PATH: process.env['PATH'] },
  });
  if (status !== 0) throw new SetupError(`${service} could not describe its endpoints:\n${stderr || stdout}`);
  return JSON.parse(stdout);
}
