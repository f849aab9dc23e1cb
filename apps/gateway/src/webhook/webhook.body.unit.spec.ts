import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { readBody } from './webhook.body';

let server: Server;
let client: Socket;
beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
});
afterEach(async () => {
  client.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A request whose head says so many bytes. */
async function requested(length: number): Promise<IncomingMessage> {
  client.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n`);
  const [request] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  return request;
}

it('is read whole, in however many parts it comes', async () => {
  const body = readBody(await requested(9));
  for (const part of ['one', 'two', 'six']) {
    client.write(part);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(String(await body)).toBe('onetwosix');
  expect((await readBody(await requested(0)))?.length).toBe(0);
});

it('is none beyond its limit, and then nothing more of it is read, so that it can still be answered', async () => {
  const request = await requested(1_000_000);
  client.write('x'.repeat(300_000));
  expect(await readBody(request, 1_000)).toBeUndefined();
  expect([request.isPaused(), request.destroyed]).toEqual([true, false]);
});

it('fails where it does not come in time', async () => {
  const slow = readBody(await requested(9), 1_000, 20);
  await expect(slow).rejects.toThrow('the body did not arrive in time');
});

it.each(['before', 'while'])('fails where its caller goes %s it is read', async (moment) => {
  const request = await requested(9);
  const reading = moment === 'while' ? readBody(request) : undefined;
  const failing = reading && expect(reading).rejects.toThrow();
  client.destroy();
  await new Promise((resolve) => request.on('close', resolve));
  await (failing ?? expect(readBody(request)).rejects.toThrow('its caller has gone'));
});
