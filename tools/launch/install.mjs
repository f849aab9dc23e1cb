import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Installs when the tree in node_modules is not the one that package-lock.json describes. npm keeps a list of what it has installed, so an install by hand
 * counts as well; one that was interrupted has no such list.
 */
export async function installIfNeeded(root, say) {
  if (isInstalled(root)) return;
  const unknown = unknownToLock(root);
  if (unknown.length > 0)
    throw new Error(
      `package-lock.json does not describe ${unknown.join(', ')} as it is now: run \`npm install\` once, and commit the lock file.`,
    );
  say('Installing packages (npm ci). This takes about a minute, and happens again only when package-lock.json changes.');
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  // under npm its own script is known; it is started without a shell then
  const npm = process.env.npm_execpath;
  const byNpm = npm?.endsWith('.js');
  const { status, error } = spawnSync(byNpm ? process.execPath : 'npm', byNpm ? [npm, ...args] : args, {
    cwd: root,
    stdio: ['ignore', 2, 2], // standard output belongs to the command
    shell: !byNpm && process.platform === 'win32',
  });
  if (error?.code === 'ENOENT') throw new Error('npm is not installed: it comes with Node from 20 on.');
  if (status !== 0) throw new Error('npm ci failed; what it said is above. A full disk and a missing network are the usual reasons.');
}

/** Whether each package of the lock file is there in its version. Optional ones may be missing: they are for other platforms. */
export function isInstalled(root) {
  const installed = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(installed);
  return Object.entries(wanted).every(([path, { version, integrity, optional, devOptional }]) => {
    const found = present[path];
    if (path === '') return true;
    return found ? found.version === version && found.integrity === integrity : Boolean(optional || devOptional);
  });
}

/** Workspaces, and `package.json` of the root, that are not in the lock file, or depend on something else there. `npm ci` refuses to begin with them, in words that hide the reason. */
export function unknownToLock(root) {
  const locked = packagesOf(join(root, 'package-lock.json'));
  const changed = ['', ...workspacesOf(root)].filter((dir) => {
    const manifest = readJson(join(root, dir, 'package.json'));
    return (
      ['dependencies', 'devDependencies', 'optionalDependencies'].some((kind) => !isSame(manifest[kind], locked[dir]?.[kind])) ||
      !locked[dir]
    );
  });
  return changed.map((dir) => dir || 'package.json');
}

/** Ours are named one by one or as all folders of one: `tools/local`, `apps/*`. */
function workspacesOf(root) {
  return readJson(join(root, 'package.json')).workspaces.flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return [pattern];
    const parent = pattern.slice(0, -2);
    return readdirSync(join(root, parent))
      .map((name) => `${parent}/${name}`)
      .filter((dir) => existsSync(join(root, dir, 'package.json')));
  });
}

function isSame(one = {}, other = {}) {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

function packagesOf(file) {
  return readJson(file).packages;
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
