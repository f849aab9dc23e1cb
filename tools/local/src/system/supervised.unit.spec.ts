import { setTimeout as wait } from 'node:timers/promises';
import type { Ending } from '../process/guarded-process';
import { until } from '../until';
import { Supervised, type RunningPart } from './supervised';

/** A part without a process: it ends when the test says so. */
class FakePart implements RunningPart {
  static count = 0;
  readonly pid = ++FakePart.count;
  end: (ending: Partial<Ending>) => void = () => undefined;
  readonly ended = new Promise<Ending>((resolve) => {
    this.end = (ending) => resolve({ exitCode: null, signal: null, lastLines: '', ...ending });
  });
  async stop() {
    this.end({ exitCode: 0 });
  }
  async kill() {
    this.end({ signal: 'SIGKILL' });
  }
}

function supervise(firstDelayMs = 1) {
  const started: FakePart[] = [];
  const said: string[] = [];
  const part = new Supervised({
    name: 'gateway',
    start: async () => {
      const running = new FakePart();
      started.push(running);
      return running;
    },
    say: (_, message) => said.push(message),
    firstDelayMs,
  });
  return { part, started, said };
}

const aMoment = () => wait(30);

describe('a supervised part', () => {
  it('is started again when it ends unasked, and says so', async () => {
    const { part, started, said } = supervise();
    await part.start();
    started[0]?.end({ signal: 'SIGKILL' });
    await until(() => said.length >= 2);
    expect(started).toHaveLength(2);
    expect(part.pid).toBe(started[1]?.pid);
    expect(said).toEqual(['gateway was killed by SIGKILL and is started again', 'gateway is ready again']);
  });

  it('stays down after stop and after kill, until it is restarted', async () => {
    const { part, started } = supervise();
    await part.start();
    await part.kill();
    await aMoment();
    expect(started).toHaveLength(1);
    await part.restart();
    expect(started).toHaveLength(2);
    await part.stop();
    await aMoment();
    expect(started).toHaveLength(2);
  });

  it('has nothing under way when stop has returned: a start is waited for, and what it spawned is ended', async () => {
    const steps: string[] = [];
    let spawnSlowly: () => void = () => undefined;
    const part = new Supervised({
      name: 'kafka',
      start: async (onSpawn) => {
        await new Promise<void>((resolve) => (spawnSlowly = resolve));
        const running = new FakePart();
        onSpawn(running);
        void running.ended.then(() => steps.push('the process has ended'));
        await aMoment();
        steps.push('the start has ended');
        return running;
      },
      say: (_, message) => steps.push(message),
    });
    const started = part.start();
    const stopped = part.stop().then(() => steps.push('stop has returned'));
    await aMoment();
    expect(steps).toEqual([]);
    spawnSlowly();
    await Promise.all([started, stopped]);
    expect(steps).toEqual(['the process has ended', 'the start has ended', 'stop has returned']);
  });

  it('is not started again when stop comes in the delay before that', async () => {
    const { part, started, said } = supervise(60_000);
    await part.start();
    started[0]?.end({ exitCode: 1 });
    await aMoment();
    await part.stop();
    expect([started.length, said]).toEqual([1, ['gateway ended with exit code 1 and is started again']]);
  });

  it('is not started again with a wrong setting', async () => {
    const { part, started, said } = supervise();
    await part.start();
    started[0]?.end({ exitCode: 78 });
    await aMoment();
    expect(started).toHaveLength(1);
    expect(said).toEqual(['gateway ended with exit code 78: a setting is wrong, so it is not started again']);
  });

  it('is started a bounded number of times a minute', async () => {
    const { part, started } = supervise();
    await part.start();
    for (let crash = 0; crash < 20; crash++) {
      started.at(-1)?.end({ exitCode: 1 });
      await wait(2 ** Math.min(crash, 6) + 5);
    }
    expect(started).toHaveLength(7); // the first start and six more
    await part.stop();
  });
});
