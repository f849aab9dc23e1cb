import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { temporaryDir } from '../testing/temporary-dir';
import { until } from '../until';
import { startGuarded, type GuardedProgram } from './guarded-process';
import { identify, isAlive } from './orphan';

/** A program that knows nothing of us, and one that does not listen when it is asked to end. */
const idle = ['-e', 'setInterval(() => {}, 1000)'];
const stubborn = ['-e', 'process.on("SIGTERM", () => {}); console.log("running"); setInterval(() => {}, 1000)'];

/** A parent in a process of its own, which forks the guard as we do and tells the number of the program. */
const parent = `
  const guard = require('node:child_process').fork(process.argv[1], [], { detached: true });
  guard.on('message', ({ pid }) => console.log(String(pid)));
  guard.send({ do: 'run', command: process.execPath, args: JSON.parse(process.argv[2]), cwd: '/', env: {}, stopSignal: 'SIGTERM', patienceMs: 300 });
`;

/** What the program says for itself may come before it. */
async function pidSaidBy(process: ChildProcessByStdio<null, Readable, null>): Promise<number> {
  let said = '';
  while (!/^\d+\n/m.test(said)) said += String(((await once(process.stdout, 'data')) as [Buffer])[0]);
  return Number(/^(\d+)\n/m.exec(said)![1]);
}

async function untilGone(pid: number): Promise<boolean> {
  for (const until = Date.now() + 20_000; Date.now() < until; await wait(20)) if (!isAlive(identify(pid))) return true;
  return false;
}

describe('a guarded program', () => {
  const { dir, remove } = temporaryDir();
  afterAll(remove);
  const program = (args: string[]): GuardedProgram => ({
    command: process.execPath,
    args,
    cwd: dir,
    stopSignal: 'SIGTERM',
    patienceMs: 300,
    logFile: join(dir, 'log'),
  });

  it.each([
    ['one that ends when asked to', idle],
    ['one that does not', stubborn],
  ])('does not outlive a parent that is killed by SIGKILL: %s', async (_, args) => {
    const killed = spawn(process.execPath, ['-e', parent, join(__dirname, 'process-guard.ts'), JSON.stringify(args)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await pidSaidBy(killed);
    const wasAlive = isAlive(identify(pid));
    killed.kill('SIGKILL');
    expect(wasAlive).toBe(true);
    expect(await untilGone(pid)).toBe(true);
  });

  it('does not outlive a guard that is killed by SIGKILL', async () => {
    const running = await startGuarded(program(idle));
    process.kill(running.guardPid, 'SIGKILL');
    await running.ended;
    expect(await untilGone(running.pid)).toBe(true);
  });

  it('is killed when it does not end within its patience, and its last words are kept', async () => {
    const running = await startGuarded(program(stubborn));
    await until(() => readFileSync(join(dir, 'log'), 'utf8').endsWith('running\n')); // it listens to no signal from here on
    await running.stop();
    expect(await running.ended).toMatchObject({ signal: 'SIGKILL', lastLines: 'running\n' });
  });

  it('tells why it could not be started', async () => {
    await expect(startGuarded({ ...program([]), command: join(dir, 'missing') })).rejects.toThrow(/missing could not be started: .*ENOENT/);
  });
});
