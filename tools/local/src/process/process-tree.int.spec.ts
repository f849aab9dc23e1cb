import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { until } from '../until';
import { signalTree } from './process-tree';

/** A process with a child, as Postgres has one per session; it prints the child's number. */
const program = `
  const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
  console.log(String(child.pid));
  process.on('exit', () => child.kill('SIGKILL'));
  process.on('SIGTERM', () => process.exit());
  setInterval(() => undefined, 1000);
`;

const stateOf = (pid: number) => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2)[0];
};

const onLinux = process.platform === 'linux' ? it : it.skip;

describe('a process and all that it has started', () => {
  onLinux('freeze together, and go on together', async () => {
    const parent = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
      const pids = [parent.pid!, Number(printed.toString())];
      signalTree(parent.pid!, 'SIGSTOP');
      await until(() => pids.every((pid) => stateOf(pid) === 'T'));
      signalTree(parent.pid!, 'SIGCONT');
      await until(() => pids.every((pid) => stateOf(pid) !== 'T'));
    } finally {
      signalTree(parent.pid!, 'SIGCONT');
      const ended = once(parent, 'exit');
      parent.kill();
      await ended;
    }
  });

  it('may be gone', () => {
    expect(() => signalTree(2 ** 22 - 1, 'SIGCONT')).not.toThrow();
  });
});
