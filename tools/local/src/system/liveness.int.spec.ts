import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startNode, type NodeProcess } from '../process/node-process';
import { freePort, loopback } from '../process/ports';
import { temporaryDir } from '../testing/temporary-dir';
import { until } from '../until';
import { watchLiveness } from './liveness';
import { Supervised } from './supervised';

/**
 * A service that is live until it is told otherwise: after `/hang` its event loop never turns again, after `/sicken` it says 503, after `/sicken?5` that often
 * and then 200 again. `/sick` tells how often it still will.
 */
const program = `
  let sick = 0;
  require('node:http').createServer((request, response) => {
    const [path, times] = request.url.split('?');
    if (path === '/hang') for (;;);
    if (path === '/sicken') sick = Number(times ?? Infinity);
    const isSick = path === '/health/live' && sick-- > 0;
    response.writeHead(isSick ? 503 : 200).end(String(Math.max(sick, 0)));
  }).listen(Number(process.argv[2]), '${loopback}');
  process.on('disconnect', () => process.exit());
`;

const answers = (url: string) =>
  fetch(url).then(
    () => true,
    () => false, // not listening yet
  );

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
        await until(() => answers(url));
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
    await until(() => started.length >= 2 && said.length >= 3);
    expect(said).toEqual(['given up', 'gateway was killed by SIGKILL and is started again', 'gateway is ready again']);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
  });

  it('is left alone while it comes back in time, and when it is stopped', async () => {
    const limitMs = 3_000;
    const { supervised, url, said, started } = await supervise(limitMs);
    const isWell = async () => (await (await fetch(`${url}/sick`)).text()) === '0';
    await fetch(`${url}/sicken?5`);
    await until(isWell);
    await wait(limitMs); // live again: the time begins anew
    await fetch(`${url}/sicken?5`);
    await until(isWell);
    expect([started.length, said]).toEqual([1, []]);
    await supervised.stop();
    await wait(limitMs + 500);
    expect([started.length, said]).toEqual([1, []]);
  });
});
