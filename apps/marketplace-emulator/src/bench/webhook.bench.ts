/**
 * Measures how many webhooks a second the emulator delivers, beside a bare loop of undici requests against the same receiver in the same
 * run: the ratio means more than the rates, which depend on the machine. To be run by hand after a build: `node dist/bench/webhook.bench.js
 * [count] [data directory]`.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request } from 'undici';
import { startEmulator } from '../emulator';

const atOnce = 64;
const webhookBytes = 1_500;
const tokenCharacters = 900;

/**
 * The publisher: answers 200 to everything, and sends the number of its answers to the parent process on request. In a process of its own.
 */
function receive(): void {
  let received = 0;
  const server = createServer((call, answer) => {
    call.resume().on('end', () => {
      received++;
      answer.writeHead(200, { 'content-length': 0 }).end();
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
  process.on('message', () => process.send?.(received));
}

/** Rate and processor time of this process, per item. */
async function measure(what: string, count: number, work: () => Promise<void>): Promise<number> {
  const [beganAt, cpuBefore] = [performance.now(), process.cpuUsage()];
  await work();
  const seconds = (performance.now() - beganAt) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const perSecond = count / seconds;
  console.log(`${what}: ${Math.round(perSecond)} a second, ${Math.round((user + system) / count)} µs of processor time each`);
  return perSecond;
}

async function bareLoop(url: string, count: number): Promise<void> {
  const dispatcher = new Agent({ connections: atOnce });
  const body = JSON.stringify({ filler: 'x'.repeat(webhookBytes) });
  const headers = { authorization: `Bearer ${'x'.repeat(tokenCharacters)}`, 'content-type': 'application/json' };
  let begun = 0;
  const caller = async () => {
    while (begun++ < count) await (await request(url, { method: 'POST', headers, body, dispatcher })).body.dump();
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  await dispatcher.close();
}

async function main(count: number, dataDir?: string): Promise<void> {
  const receiver = fork(__filename, ['receive'], { execArgv: [] });
  const [port] = (await once(receiver, 'message')) as [number];
  const url = `http://127.0.0.1:${port}/webhook`;
  const received = async () => {
    receiver.send('how many');
    return ((await once(receiver, 'message')) as [number])[0];
  };
  const emulator = await startEmulator({ webhookUrl: url, dataDir });
  const control = (path: string, body: object) =>
    request(`${emulator.controlUrl}${path}`, { method: 'POST', body: JSON.stringify(body) }).then((answer) => answer.body.json());

  await bareLoop(url, 5_000); // warms up the receiver
  await control('/webhooks/pause', {});
  for (let bought = 0; bought < count; bought += 100)
    await Promise.all(Array.from({ length: 100 }, () => control('/purchases', { autoActivate: true }))); // each is announced by Subscribe

  const bare = await measure('bare loop', count, () => bareLoop(url, count));
  const before = await received();
  const emulated = await measure('emulator ', count, async () => {
    await control('/webhooks/resume', {});
    while ((await received()) - before < count) await new Promise((resolve) => setTimeout(resolve, 20));
  });
  console.log(`ratio: ${(emulated / bare).toFixed(2)}`);
  await emulator.stop();
  receiver.kill();
}

if (process.argv[2] === 'receive') receive();
else void main(Number(process.argv[2] ?? 20_000), process.argv[3]);
