import { setTimeout as wait } from 'node:timers/promises';
import type { Ending } from '../process/guarded-process';
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

function supervise() {
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
    firstDelayMs: 1,
  });
  return { part, started, said };
}

const aMoment = () => wait(30);

describe('a supervised part', () => {
  it('is started again when it ends unasked, and says so', async () => {
    const { part, started, said } = supervise();
    await part.start();
    started[0]?.end({ signal: 'SIGKILL' });
    await aMoment();
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
