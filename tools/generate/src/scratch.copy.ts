import { spawn } from 'node:child_process';
import { copyFileSync, cpSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

const repositoryDir = join(__dirname, '../../..');

const madeByTools = new Set(['node_modules', 'dist', 'coverage', '.git', '.nx', '.landfall']);

/** A copy of this repository with everything installed, in which a spec may do what it likes. */
export interface ScratchCopy {
  readonly dir: string;
  /** Runs a program there to its end and gives what it printed. Rejects with the same where it fails. */
  run(program: string, ...args: string[]): Promise<string>;
  remove(): void;
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
  return {
    dir,
    run: (program, ...args) => run(dir, program, args),
    remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }),
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

function run(cwd: string, program: string, args: string[]): Promise<string> {
  const env = { ...process.env, NODE_OPTIONS: '', NX_DAEMON: 'false', NX_TUI: 'false' };
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
  let said = '';
  for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(said) : reject(new Error(`${program} ${args.join(' ')} ended with ${code}:\n${said}`)),
    );
  });
}
