import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { identify, isAlive } from '../process/orphan';
import { repositoryDir } from '../repository';
import { temporaryDir } from '../testing/temporary-dir';

const launchDir = join(repositoryDir, 'tools/launch');

/** A command of ours: says its number, takes its time to end when it is asked to, keeps how often it was asked, and ends when its launcher is gone. */
const command = `
  let asked = 0;
  process.on('SIGTERM', () => {
    require('node:fs').writeFileSync(__filename + '.asked', String(++asked));
    setTimeout(() => process.exit(0), 1500);
  });
  process.on('disconnect', () => process.exit(0));
  console.log('command ' + process.pid);
`;
const launcher = `
  import { runAndFollow } from ${JSON.stringify(join(launchDir, 'supervise.mjs'))};
  console.log('launcher ' + process.pid);
  process.exitCode = await runAndFollow({ node: process.execPath, program: process.argv[2], args: [], env: process.env, cwd: '/', isOurs: true });
`;
/** Starts the launcher as npm does: through a shell that stays. */
const npm = `require('node:child_process').spawn('sh', ['-c', process.argv[1] + '; true'], { stdio: 'inherit' })`;

async function numbersSaidBy(child: ChildProcess): Promise<Record<string, number>> {
  const numbers: Record<string, number> = {};
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  for (const until = Date.now() + 25_000; !said.includes('command ') && Date.now() < until;) await wait(20);
  for (const [, who = '', pid] of said.matchAll(/(launcher|command) (\d+)/g)) numbers[who] = Number(pid);
  return numbers;
}

async function untilGone(pid = 0): Promise<boolean> {
  for (const until = Date.now() + 25_000; Date.now() < until; await wait(20)) if (!isAlive(identify(pid))) return true;
  return false;
}

describe('the launcher', () => {
  const { dir, remove } = temporaryDir();
  afterAll(remove);
  const files = { command: join(dir, 'command.cjs'), launcher: join(dir, 'launcher.mjs') };
  beforeAll(() => {
    writeFileSync(files.command, command);
    writeFileSync(files.launcher, launcher);
  });
  const start = () => {
    const line = `${process.execPath} ${files.launcher} ${files.command}`;
    const env = { PATH: process.env['PATH'], npm_lifecycle_event: 'start' };
    return spawn(process.execPath, ['-e', npm, line], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  };

  it.each(['SIGTERM', 'SIGKILL'] as const)('and its command end when npm is ended by %s', async (signal) => {
    const npmProcess = start();
    const numbers = await numbersSaidBy(npmProcess);
    npmProcess.kill(signal);
    expect(await untilGone(numbers['command'])).toBe(true);
    expect(await untilGone(numbers['launcher'])).toBe(true);
    expect(readFileSync(`${files.command}.asked`, 'utf8')).toBe('1'); // a second time would mean: at once
  });

  it('takes its command along when it is killed by SIGKILL', async () => {
    const numbers = await numbersSaidBy(start());
    process.kill(numbers['launcher'] ?? 0, 'SIGKILL');
    expect(await untilGone(numbers['command'])).toBe(true);
  });

  it('installs when node_modules is not what the lock file describes', async () => {
    const { isInstalled } = (await import(join(launchDir, 'install.mjs'))) as { isInstalled(root: string): boolean };
    const lock = (packages: object) => JSON.stringify({ packages: { '': {}, ...packages } });
    const root = join(dir, 'clone');
    mkdirSync(join(root, 'node_modules'), { recursive: true });
    writeFileSync(join(root, 'package-lock.json'), lock({ a: { version: '1' }, b: { version: '2', optional: true } }));
    expect(isInstalled(root)).toBe(false);
    const installed = (packages: object) => writeFileSync(join(root, 'node_modules/.package-lock.json'), lock(packages));
    installed({ a: { version: '1' } });
    expect(isInstalled(root)).toBe(true);
    installed({ a: { version: '0' } });
    expect(isInstalled(root)).toBe(false);
    installed({ b: { version: '2' } });
    expect(isInstalled(root)).toBe(false);
  });

  it('names the workspaces that the lock file does not know, and the cure, instead of letting npm fail', async () => {
    const { installIfNeeded } = (await import(join(launchDir, 'install.mjs'))) as {
      installIfNeeded(root: string, say: () => void): Promise<void>;
    };
    const root = join(dir, 'grown');
    const write = (file: string, content: object) => {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), JSON.stringify(content));
    };
    write('package.json', { workspaces: ['apps/*', 'tools/local'] });
    write('tools/local/package.json', { name: 'local' });
    write('apps/known/package.json', { name: 'known', dependencies: { zod: '4.0.0' } });
    write('apps/grown/package.json', { name: 'grown', dependencies: { zod: '4.0.0' } });
    write('apps/billing/package.json', { name: 'billing' });
    const known = { dependencies: { zod: '4.0.0' } };
    write('package-lock.json', {
      packages: { '': {}, 'tools/local': {}, 'apps/known': known, 'apps/grown': { dependencies: { zod: '3.0.0' } } },
    });
    await expect(installIfNeeded(root, () => undefined)).rejects.toThrow(
      /^package-lock\.json does not describe apps\/billing, apps\/grown as it is now: run `npm install` once, and commit the lock file\.$/,
    );
  });

  it('knows every workspace of this repository from the lock file', async () => {
    const { unknownToLock } = (await import(join(launchDir, 'install.mjs'))) as { unknownToLock(root: string): string[] };
    expect(unknownToLock(repositoryDir)).toEqual([]);
  });
});
