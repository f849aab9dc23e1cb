import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
  await build({ root, node, env, say });
  rmSync(join(root, '.landfall/compile-cache'), { recursive: true, force: true }); // Node never removes what it compiled for sources that are gone
  mkdirSync(join(root, '.landfall'), { recursive: true });
  writeFileSync(record, fingerprint(root));
}

/** Says of each project when it is built: on a machine that is busy all of them take minutes. */
async function build({ root, node, env, say }) {
  const nx = spawn(node, [programOf(root, 'nx'), 'run-many', '-t', 'build', '--outputStyle=static'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const told = new Set();
  for (const stream of [nx.stdout, nx.stderr])
    stream.setEncoding('utf8').on('data', (piece) => {
      output += piece;
      for (const [, project] of output.matchAll(/✔.*nx run ([^\s:]+):build *\n/g)) {
        if (told.has(project)) continue;
        told.add(project);
        say(`Built ${project}.`);
      }
    });
  const [status] = await once(nx, 'close');
  if (status !== 0) throw new Error(`the build failed:\n${output}`);
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
