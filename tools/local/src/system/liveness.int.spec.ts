import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startNode, type NodeProcess } from '../process/node-process';
import { freePort, loopback } from '../process/ports';
import { temporaryDir } from '../testing/temporary-dir';
import { watchLiveness } from './liveness';
import { Supervised } from './supervised';

/** A service that is live until it is told otherwise: after `/hang` its event loop never turns again, after `/sicken` it says 503. */
const program = `
  let status = 200;
  require('node:http').createServer((request, response) => {
    if (request.url === '/hang') for (;;);
    if (request.url === '/sicken') status = 503;
    response.writeHead(request.url === '/health/live' ? status : 200).end();
  }).listen(Number(process.argv[2]), '${loopback}');
  process.on('disconnect', () => process.exit());
`;

async function untilAnswers(url: string): Promise<void> {
  for (;;) {
    try {
      return void (await fetch(url));
    } catch {
      await wait(20); // not listening yet; the test's own limit ends this
    }
  }
}

describe('a service that runs and is not live', () => {
  const { dir, remove } = temporaryDir();
  afterAll(remove);
  const script = join(dir, 'service.cjs');
  beforeAll(() => writeFileSync(script, program));

  let part: Supervised | undefined;
  /** One that hangs does not even notice that its parent is gone, so nothing is left to itself when a test fails. */
  afterEach(() => part?.kill());

  async function supervise(limitMs: number) {
    const port = await freePort();
    const url = `http://${loopback}:${port}`;
    const said: string[] = [];
    const started: NodeProcess[] = [];
    const supervised = new Supervised({
      name: 'gateway',
      firstDelayMs: 1,
      say: (_, message) => said.push(message),
      start: async (onSpawn) => {
        const running = startNode({
          script,
          args: [String(port)],
          cwd: dir,
          env: process.env,
          patienceMs: 1_000,
          onOutput: () => undefined,
        });
        onSpawn(running);
        await untilAnswers(url);
        started.push(running);
        void watchLiveness(running, { managementUrl: url, intervalMs: 50, limitMs, onGivenUp: () => said.push('given up') });
        return running;
      },
    });
    part = supervised;
    await supervised.start();
    return { supervised, url, said, started };
  }

  it.each(['hang', 'sicken'])('is killed after a named time and started again: %s', async (how) => {
    const { url, said, started } = await supervise(500);
    await fetch(`${url}/${how}`, { signal: AbortSignal.timeout(200) }).catch(() => undefined); // one that hangs does not answer
    while (started.length < 2) await wait(20);
    while (said.length < 3) await wait(20);
    expect(said).toEqual(['given up', 'gateway was killed by SIGKILL and is started again', 'gateway is ready again']);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
  });

  it('is left alone while it comes back in time, and when it is stopped', async () => {
    const { supervised, said, started } = await supervise(3_000);
    process.kill(supervised.pid, 'SIGSTOP');
    await wait(300);
    process.kill(supervised.pid, 'SIGCONT');
    await wait(300);
    expect([started.length, said]).toEqual([1, []]);
    await supervised.stop();
    expect(said).toEqual([]);
  });
});
