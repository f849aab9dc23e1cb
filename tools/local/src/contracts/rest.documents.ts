import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from '../setup.error';
import { textOf, type Documents } from './documents';

/** Where they lie, from the root of the repository: one OpenAPI document per service. */
export const restDir = 'docs/reference/rest';
/** It takes a second or two; on a very busy machine minutes. */
const limitMs = 300_000;
const outputLimitBytes = 16 * 1024 * 1024;

/** Asks each service, as it is built, for the description of its REST endpoints. Nothing of it runs. */
export function restDocuments(repository: string): Documents {
  const { services } = JSON.parse(readFileSync(join(repository, 'services.json'), 'utf8')) as { services: { name: string }[] };
  return new Map(services.map(({ name }): [string, string] => [`${restDir}/${name}.json`, textOf(describe(repository, name))]));
}

function describe(repository: string, service: string): unknown {
  const program = join(repository, 'apps', service, 'dist/main.js');
  if (!existsSync(program)) throw new SetupError(`${service} is not built: run \`npm run build\`.`);
  const { status, signal, error, stdout, stderr } = spawnSync(process.execPath, [program, '--openapi'], {
    encoding: 'utf8',
    timeout: limitMs,
    maxBuffer: outputLimitBytes,
    env: { PATH: process.env['PATH'] },
  });
  if (status !== 0) throw new SetupError(`${service} could not describe its endpoints: ${whyNot(signal, error, stderr || stdout)}`);
  return JSON.parse(stdout);
}

function whyNot(signal: NodeJS.Signals | null, error: NodeJS.ErrnoException | undefined, said: string): string {
  if (error?.code === 'ETIMEDOUT') return `not within ${limitMs / 1000} s. The machine may be busy: try again.`;
  return [error?.message ?? (signal && `it was ended by ${signal}`), said.trim()].filter(Boolean).join('\n');
}
