import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryDir } from '../repository.files.mjs';

interface Cruise {
  readonly modules: readonly {
    readonly source: string;
    readonly dependencies: readonly { readonly module: string; readonly couldNotResolve: boolean }[];
  }[];
  readonly summary: { readonly violations: readonly { readonly from: string; readonly cycle?: readonly { readonly name: string }[] }[] };
}

export interface Imports {
  /** Each as the files on it, from the first one back to it. */
  readonly circles: readonly (readonly string[])[];
  /** Imports that lead to no file, so that nothing can be said about them. */
  readonly unresolved: readonly string[];
  readonly files: number;
}

const cruiser = join(repositoryDir, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
const config = join(repositoryDir, 'tools/checks/dependency-cruiser.mjs');

/** Follows the imports of all files in some folders of `root`. Paths are counted from there. */
export async function importsIn(folders: readonly string[], root = repositoryDir): Promise<Imports> {
  const args = [cruiser, '--config', config, '--output-type', 'json', ...folders];
  const options = { cwd: root, maxBuffer: 256 * 1024 * 1024, env: { ...process.env, NODE_OPTIONS: '' } };
  // it ends with the number of circles, so a code other than 0 is no failure as long as it has answered
  const { stdout, error } = await promisify(execFile)(process.execPath, args, options).then(
    ({ stdout }) => ({ stdout, error: undefined }),
    (error: Error & { stdout?: string }) => ({ stdout: error.stdout ?? '', error }),
  );
  if (!stdout.startsWith('{')) throw error ?? new Error(`dependency-cruiser answered: ${stdout.slice(0, 400)}`);
  const { modules, summary } = JSON.parse(stdout) as Cruise;
  return {
    circles: summary.violations.map(({ from, cycle = [] }) => [from, ...cycle.map(({ name }) => name)]),
    unresolved: modules.flatMap(({ source, dependencies }) =>
      dependencies.filter(({ couldNotResolve }) => couldNotResolve).map(({ module }) => `${source} imports ${module}`),
    ),
    files: modules.length,
  };
}
