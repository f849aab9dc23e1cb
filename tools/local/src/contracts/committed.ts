import { spawnSync } from 'node:child_process';
import type { Documents } from './documents';

const outputLimitBytes = 64 * 1024 * 1024;

/**
 * The documents below some folders as a commit has them, such as `HEAD` or `HEAD^`. Undefined where there is no such commit: no git, an unpacked archive, a
 * shallow clone, the first commit.
 */
export function committedDocuments(repository: string, commit: string, folders: readonly string[]): Documents | undefined {
  const files = git(repository, ['ls-tree', '-r', '-z', '--name-only', commit, '--', ...folders]);
  if (files === undefined) return undefined;
  const paths = files.split('\0').filter(Boolean);
  return new Map(paths.map((path): [string, string] => [path, git(repository, ['show', `${commit}:${path}`]) ?? '']));
}

/** Undefined where git is missing or refuses. */
function git(repository: string, args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('git', ['-C', repository, ...args], {
    encoding: 'utf8',
    maxBuffer: outputLimitBytes,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 ? stdout : undefined;
}
