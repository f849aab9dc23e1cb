import { readdirSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { madeByTools } from '../../made-by-tools.mjs';

export const repositoryDir = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

const written = new Set(
  ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.sql', '.eta', '.html', '.css'].concat(
    ['.md', '.json', '.yaml', '.yml', '.sh', '.properties', '.xml', '.toml'],
    ['.dockerfile', ''], // Dockerfile, hooks
  ),
);

/**
 * Every file that people write and read, as paths from the repository's root with forward slashes, in order. It does not ask git, so that the checks also run
 * on an unpacked archive and see files that are not added yet.
 */
export function writtenFiles(root = repositoryDir) {
  const found = [];
  const walk = (dir) => {
    for (const entry of readdirSync(join(root, dir), { withFileTypes: true })) {
      const path = dir ? `${dir}/${entry.name}` : entry.name;
      if (entry.isDirectory() && !madeByTools.has(entry.name)) walk(path);
      if (entry.isFile() && entry.name !== 'package-lock.json' && written.has(extname(entry.name).toLowerCase())) found.push(path);
    }
  };
  walk('');
  return found.sort();
}

/** The part of the repository that a file belongs to: `apps/gateway`, `libs/contracts`, `tools/local`, `docs`, `deploy`, or `.` for what lies at the top. */
export function projectOf(path) {
  const [first = '', second = '', ...rest] = path.split('/');
  if (['apps', 'libs', 'tools'].includes(first) && rest.length > 0) return `${first}/${second}`;
  return second ? first : '.';
}
