import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { askWhetherReady } from './ask';

const bounds = { patienceMs: 0, pauseMs: 1, answerLimitMs: 10_000 };
const servers: Server[] = [];
afterAll(() => servers.forEach((server) => server.close()));

/** A service that answers each question with the next of these, and then with the last. */
async function answering(...answers: [status: number, body: string][]): Promise<string> {
  const server = createServer((request, response) => {
    const [status, body] = (answers.length > 1 ? answers.shift() : answers[0])!;
    response.writeHead(request.url === '/health/ready' ? status : 404, { connection: 'close' }).end(body);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const starting = '{"healthy":false,"checks":{"database":"ok","service":"starting"}}';

it('says that a service is ready, and what it has to tell all the same', async () => {
  const address = await answering([200, '{"healthy":true,"checks":{"database":"ok"},"notices":{"marketplace":"the secret has ended"}}']);
  expect(await askWhetherReady(address, bounds)).toEqual({ isReady: true, lines: ['marketplace: the secret has ended'] });
});

it('waits for one that becomes ready', async () => {
  const address = await answering([503, starting], [503, starting], [200, '{"healthy":true,"checks":{}}']);
  expect(await askWhetherReady(address, { ...bounds, patienceMs: 120_000 })).toEqual({ isReady: true, lines: [] });
});

it.each<[string, number, string, string]>([
  ['what is wrong with it', 503, starting, 'service: starting'],
  ['that something else answered', 200, '<html>', 'JSON'],
])('says of one that is not ready %s', async (_, status, body, words) => {
  const { isReady, lines } = await askWhetherReady(await answering([status, body]), bounds);
  expect(isReady).toBe(false);
  expect(lines.join('\n')).toContain(words);
});

it('says of one that nobody reaches why', async () => {
  const address = await answering([200, '{}']);
  await new Promise((resolve) => servers.at(-1)!.close(resolve));
  const { isReady, lines } = await askWhetherReady(address, bounds);
  expect([isReady, lines]).toEqual([false, [expect.stringContaining('ECONNREFUSED') as string]]);
});
