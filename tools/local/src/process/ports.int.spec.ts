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

  it('that are remembered are kept while they are free, and replaced when they are not', async () => {
    const free = await freePort();
    expect(await freePortNear(free)).toBe(free);
    const server = await listen();
    const { port } = server.address() as AddressInfo;
    expect(await freePortNear(port)).not.toBe(port);
    server.close();
  });
});
