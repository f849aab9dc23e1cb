import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { SetupError } from '../setup.error';
import { freePort, freePortNear, loopback, requireFree } from './ports';

function listen(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, loopback, () => resolve(server));
  });
}

describe('ports', () => {
  it('that are taken are told in one sentence: which, for what, by whom, and what to do', async () => {
    const server = await listen();
    const { port } = server.address() as AddressInfo;
    const refusal = requireFree(port, 'the gateway', 'Choose another with PORT.');
    await expect(refusal).rejects.toBeInstanceOf(SetupError);
    await expect(refusal).rejects.toThrow(
      new RegExp(`^Port ${port}, which the gateway needs, is in use by node.*\\(process ${process.pid}\\)\\. Choose another with PORT\\.$`),
    );
    server.close();
  });

  it('that are free are not such as the system gives to whoever asks for any, and each is given once', async () => {
    const found = await Promise.all(Array.from({ length: 50 }, () => freePort()));
    expect(new Set(found).size).toBe(50);
    expect(found.filter((port) => port < 10_000 || port >= 32_000)).toEqual([]);
    const first = await freePort();
    const server = createServer().listen(first + 1, loopback);
    await once(server, 'listening');
    expect(await freePort()).not.toBe(first + 1);
    server.close();
  });

  it('that are remembered are kept while they are free, and replaced when they are not', async () => {
    const free = await freePort();
    expect(await freePortNear(free)).toBe(free);
    const server = await listen();
    const { port } = server.address() as AddressInfo;
    expect(await freePortNear(port)).not.toBe(port);
    server.close();
  });
});
