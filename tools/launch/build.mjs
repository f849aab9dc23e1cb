import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programOf } from './program.mjs';

/**
 * Builds through nx, which takes from its cache what has not changed. Starting nx costs two seconds all the same, so it is left out while both the sources and
 * what was made of them are as they were after the last build.
 */
export async function buildIfChanged({ root, node, env, say }) {
  const record = join(root, '.landfall/build.txt');
  if (existsSync(record) && readFileSync(record, 'utf8') === fingerprint(root)) return;
  say('Building.');
  const { status, stdout, stderr } = spawnSync(node, [programOf(root, 'nx'), 'run-many', '-t', 'build', '--outputStyle=static'], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the build failed:\n${stdout}${stderr}`);
  rmSync(join(root, '.landfall/compile-cache'), { recursive: true, force: true }); // Node never removes what it compiled for sources that are gone
  mkdirSync(join(root, '.landfall'), { recursive: true });
  writeFileSync(record, fingerprint(root));
}

/** The contents of all sources, and size and time of all that was built: whoever changes either causes a build. */
function fingerprint(root) {
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', '.swcrc', 'nx.json']) hash.update(readFileSync(join(root, file)));
  for (const project of projects(root)) {
    for (const file of filesBelow(join(root, project, 'src'))) hash.update(file).update(readFileSync(file));
    for (const file of filesBelow(join(root, project, 'dist'))) hash.update(`${file} ${statSync(file).size} ${statSync(file).mtimeMs}`);
  }
  return hash.digest('hex');
}

function projects(root) {
  return ['apps', 'libs', 'tools'].flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)));
}

function filesBelow(dir) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath ?? file.path, file.name))
    .sort();
}
