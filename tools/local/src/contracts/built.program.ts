import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from '../setup.error';

/** It takes a second or two; on a very busy machine minutes. */
const limitMs = 300_000;
const outputLimitBytes = 16 * 1024 * 1024;

/**
 * What a built program says of itself, as JSON, when it is asked by an option such as `--openapi`. `file` is its path from the root of the repository, `env` all of
 * its environment beside PATH. @throws SetupError where it is not built, or can't say it
 */
export function ask(repository: string, file: string, option: string, env: Readonly<Record<string, string>> = {}): unknown {
  const program = join(repository, file);
  if (!existsSync(program)) throw new SetupError(`There is no ${file}: run \`npm run build\`.`);
  const { status, signal, error, stdout, stderr } = spawnSync(process.execPath, [program, option], {
    encoding: 'utf8',
    timeout: limitMs,
    maxBuffer: outputLimitBytes,
    env: { PATH: process.env['PATH'], ...env },
  });
  if (status !== 0) throw new SetupError(`${file} ${option} could not describe itself: ${whyNot(signal, error, stderr || stdout)}`);
  return JSON.parse(stdout);
}

function whyNot(signal: NodeJS.Signals | null, error: NodeJS.ErrnoException | undefined, said: string): string {
  if (error?.code === 'ETIMEDOUT') return `not within ${limitMs / 1000} s. The machine may be busy: try again.`;
  return [error?.message ?? (signal && `it was ended by ${signal}`), said.trim()].filter(Boolean).join('\n');
}
