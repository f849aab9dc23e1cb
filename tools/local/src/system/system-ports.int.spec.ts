import { createServer, type Server } from 'node:net';
import { copiesOf } from '../copies/copies';
import { freePort, isFree, loopback } from '../process/ports';
import { temporaryDir } from '../testing/temporary-dir';
import { serviceNames, serviceOf } from './services';
import { choosePorts } from './system-ports';

/** Takes a port unless somebody else on this machine has it already, which serves as well. */
function take(port: number): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(server));
    server.listen(port, loopback, () => resolve(server));
  });
}

const copies = copiesOf(serviceNames, {});

describe('the ports of a system', () => {
  const { dir, remove } = temporaryDir();
  afterAll(remove);

  it('that a second system on this machine has are replaced by free ones, and it is said which', async () => {
    const known = serviceOf('fulfillment').managementPort;
    const taken = await take(known);
    const said: string[] = [];
    const [gateway, emulator] = [await freePort(), await freePort()];
    const ports = await choosePorts(dir, 'fixed', copies, { PORT: String(gateway), EMULATOR_PORT: String(emulator) }, (line) =>
      said.push(line),
    );
    expect(ports).toMatchObject({ gateway, emulator });
    expect(ports.management['fulfillment']).not.toBe(known);
    expect(await isFree(ports.management['fulfillment'] ?? known)).toBe(true);
    expect(said).toContainEqual(
      expect.stringMatching(
        new RegExp(`^Port ${known}, fulfillment's management port, is in use.*: it is ${ports.management['fulfillment']} this time\\.$`),
      ),
    );
    taken.close();
  });

  it.each([
    ['PORT', 'the gateway', 'EMULATOR_PORT'],
    ['EMULATOR_PORT', 'the marketplace-emulator', 'PORT'],
  ])('that people choose by %s are not replaced: it is said that %s finds it taken', async (setting, who, other) => {
    const port = await freePort();
    const taken = await take(port);
    const env = { [setting]: String(port), [other]: String(await freePort()) };
    await expect(choosePorts(dir, 'fixed', copies, env, () => undefined)).rejects.toThrow(
      new RegExp(`^Port ${port}, which ${who} needs, is in use by .*choose another port: ${setting}=${port + 5} npm start`),
    );
    taken.close();
  });
});
