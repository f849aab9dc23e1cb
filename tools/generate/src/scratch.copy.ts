import { copyFileSync, cpSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Programs } from './programs';

const repositoryDir = join(__dirname, '../../..');

/** The lint lets no project import what lies outside of all of them. */
const { madeByTools } = jest.requireActual<{ madeByTools: ReadonlySet<string> }>('../../made-by-tools.mjs');

/** A machine on which much else runs takes many times as long as others. */
const limitMs = 240_000;

/** A copy of this repository with everything installed, in which a spec may do what it likes. */
export interface ScratchCopy {
  readonly dir: string;
  /** Runs a program there to its end and gives what it printed. Rejects with the same where it fails or takes longer than four minutes. */
  run(program: string, ...args: string[]): Promise<string>;
  /** Ends what still runs there, and removes the folder. */
  remove(): Promise<void>;
}

/** Sources are copied; packages are hard links, since there are some 40,000 files of them. */
export function scratchCopy(): ScratchCopy {
  const parent = join(repositoryDir, '.landfall/test');
  mkdirSync(parent, { recursive: true });
  removeLeftovers(parent);
  const dir = mkdtempSync(join(parent, `clone-${process.pid}-`));
  for (const name of readdirSync(repositoryDir).filter((name) => !madeByTools.has(name)))
    cpSync(join(repositoryDir, name), join(dir, name), { recursive: true, filter: (source) => !madeByTools.has(basename(source)) });
  linkTree(join(repositoryDir, 'node_modules'), join(dir, 'node_modules'));
  const programs = new Programs(dir, limitMs);
  return {
    dir,
    run: (program, ...args) => programs.run(program, args),
    remove: async () => {
      await programs.stop();
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Copies of test runs that were killed. */
function removeLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = Number(/^clone-(\d+)-/.exec(name)?.[1]);
    if (pid && !exists(pid)) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function linkTree(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else if (entry.name === '.package-lock.json')
      copyFileSync(source, target); // npm writes it in place
    else link(source, target);
  }
}

function link(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target); // a file system without hard links
  }
}
