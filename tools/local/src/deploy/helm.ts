import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { landfallDir, repositoryDir } from '../repository';

export const chartDir = 'deploy/helm/landfall';
const version = 'v4.3.1';
const toolsDir = join(landfallDir, 'tools');
/** A cold build takes minutes on two cores. */
const buildLimitMs = 20 * 60_000;
const runLimitMs = 60_000;
const outputLimitBytes = 32 * 1024 * 1024;

/** Runs `helm` with some arguments. */
export type Helm = (args: readonly string[]) => { status: number; stdout: string; stderr: string };

/** Helm as it is on the PATH, or as Go builds it once. Otherwise why there is none. */
export function findHelm(say: (line: string) => void): Helm | { missing: string } {
  const program = ['helm', join(toolsDir, process.platform === 'win32' ? 'helm.exe' : 'helm')].find((one) => runs(one, ['version']));
  if (program) return helmAt(program);
  if (!runs('go', ['version'])) return { missing: 'there is neither helm nor Go, which could build it' };
  say(`Building helm ${version} by Go, once: this takes some minutes.`);
  mkdirSync(toolsDir, { recursive: true });
  const { status, stderr } = spawnSync('go', ['install', `helm.sh/helm/v4/cmd/helm@${version}`], {
    env: { ...process.env, GOBIN: toolsDir },
    encoding: 'utf8',
    timeout: buildLimitMs,
  });
  if (status !== 0) return { missing: `Go could not build helm: ${stderr.trim().split('\n').at(-1)}` };
  return helmAt(join(toolsDir, 'helm'));
}

function helmAt(program: string): Helm {
  return (args) => {
    const { status, stdout, stderr, error } = spawnSync(program, args, {
      cwd: repositoryDir,
      encoding: 'utf8',
      timeout: runLimitMs,
      maxBuffer: outputLimitBytes,
    });
    return { status: status ?? 1, stdout, stderr: error ? error.message : stderr };
  };
}

function runs(program: string, args: string[]): boolean {
  if (program.includes('/') && !existsSync(program)) return false;
  return spawnSync(program, args, { stdio: 'ignore', timeout: runLimitMs }).status === 0;
}
