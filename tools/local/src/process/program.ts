import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { repositoryDir } from '../repository';
import { SetupError } from '../setup.error';
import { startNode, type NodeProcess } from './node-process';

export interface Program {
  /** Below the repository, as it is built. */
  script: string;
  args?: string[];
  env: Record<string, string | undefined>;
  onOutput?(piece?: string): void;
  onSpawn?(running: NodeProcess): void;
}

const patienceMs = 27_000;

/**
 * Runs one of the programs that a deployment runs as well, to its end. Resolves when that is good.
 * @param failure how the sentence begins that says it was not
 * @throws SetupError with what the program said
 */
export async function runProgram({ script, args, env, onOutput = () => undefined, onSpawn }: Program, failure: string): Promise<void> {
  const path = join(repositoryDir, script);
  if (!existsSync(path)) throw new SetupError(`${relative(repositoryDir, path)} is not built: run \`npm run build\`.`);
  const running = startNode({ script: path, args, cwd: repositoryDir, env, patienceMs, onOutput });
  onSpawn?.(running);
  const { exitCode, signal, lastLines } = await running.ended;
  if (exitCode !== 0) throw new SetupError(`${failure} (${signal ?? exitCode}): ${lastLines.trim()}`);
}
