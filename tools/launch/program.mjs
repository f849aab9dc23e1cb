import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Packages whose command has another name. */
const packageOf = { tsc: 'typescript', swc: '@swc/cli', commitlint: '@commitlint/cli' };

/** The script behind a command of an installed package, to be run by the Node that we chose. */
export function programOf(root, command) {
  const dir = join(root, 'node_modules', packageOf[command] ?? command);
  const manifest = join(dir, 'package.json');
  if (!existsSync(manifest)) throw new Error(`There is no command "${command}".`);
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8'));
  const script = typeof bin === 'string' ? bin : bin?.[command];
  if (!script) throw new Error(`The package "${command}" has no command.`);
  return resolve(dir, script);
}
