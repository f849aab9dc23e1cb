import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stageOf, type Stage } from './dockerfile';

/** What the build of an image takes from the repository; `.dockerignore` leaves out the same and more. */
const taken = ['apps', 'libs', 'tools', 'deploy', 'package.json', 'package-lock.json', 'services.json', '.swcrc'];
const leftOut = /(^|\/)(node_modules|dist)(\/|$)|^apps\/e2e(\/|$)/;
const limitMs = 5 * 60_000;

export interface BuiltImage {
  readonly stage: Stage;
  /** Its files, as they lie in the image below its working folder. */
  readonly dir: string;
  readonly megabytes: number;
}

/**
 * Runs the stages of `deploy/Dockerfile` that lead to an image into a folder, command by command, with the packages that are installed here instead of `npm ci`.
 * @throws with what a command said
 */
export function buildImage(repository: string, target: 'services' | 'emulator', dir: string): BuiltImage {
  const stage = stageOf(repository, target);
  const [source, folder] = (stage.copied[0] ?? '').split(':') as [string, string];
  const workdir = join(dir, `${target}-build`);
  const image = join(dir, target);
  mkdirSync(workdir, { recursive: true });
  for (const name of taken)
    cpSync(join(repository, name), join(workdir, name), { recursive: true, filter: (path) => !leftOut.test(relative(repository, path)) });
  symlinkSync(join(repository, 'node_modules'), join(workdir, 'node_modules'), 'dir');
  for (const command of stageOf(repository, source).run.filter((one) => !one.includes('npm ci'))) {
    const { status, stderr } = spawnSync(command.replace(new RegExp(`(?<= )${folder}\\b`, 'g'), image), {
      cwd: workdir,
      shell: true,
      encoding: 'utf8',
      timeout: limitMs,
    });
    if (status !== 0) throw new Error(`The Dockerfile's \`${command}\` failed: ${stderr.trim()}`);
  }
  return { stage, dir: image, megabytes: Math.ceil([...sizesOf(image).values()].reduce((sum, size) => sum + size, 0) / 2 ** 20) };
}

/** Bytes of each file: two that are equal show that nobody wrote into the folder between them. */
export function sizesOf(dir: string): Map<string, number> {
  return new Map(
    readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file, statSync(file).size]),
  );
}
