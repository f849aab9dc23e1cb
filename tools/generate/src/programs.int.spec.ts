import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Programs } from './programs';

/** Starts a second program that holds a connection to us and listens to no signal but SIGKILL, and waits for it: npm and nx do likewise. */
const parent = `require('node:child_process').spawn(process.execPath, ['-e', process.argv[1], process.argv[2]], { stdio: 'inherit' });`;
const child = `process.on('SIGTERM', () => {}); require('node:net').connect(Number(process.argv[1]), '127.0.0.1'); console.log('connected');`;

describe('programs of a folder', () => {
  const server = createServer();
  beforeAll(async () => once(server.listen(0, '127.0.0.1'), 'listening'));
  afterAll(() => server.close());

  function startOne(programs: Programs) {
    const { port } = server.address() as AddressInfo;
    const ended = programs.run(process.execPath, ['-e', parent, child, String(port)]).catch((error: Error) => error.message);
    return { ended, connected: once(server, 'connection') as Promise<[Socket]> };
  }

  it('are ended with all that they have started when they take too long', async () => {
    const { ended, connected } = startOne(new Programs(__dirname, 5_000, 200));
    const [connection] = await connected;
    connection.on('error', () => undefined);
    const gone = once(connection, 'close');
    expect(await ended).toMatch(/was stopped after 5000 ms:\nconnected/);
    await gone;
  });

  it('are ended when they are stopped, and none is started after that', async () => {
    const programs = new Programs(__dirname, 60_000, 200);
    const { ended, connected } = startOne(programs);
    const [connection] = await connected;
    connection.on('error', () => undefined);
    const gone = once(connection, 'close');
    await programs.stop();
    expect(await ended).toMatch(/ended with (SIGTERM|SIGKILL)/);
    await gone;
    await expect(programs.run(process.execPath, ['-e', ''])).rejects.toThrow('is not started any more');
  });

  it('give what they printed, and tell of it when they fail', async () => {
    const programs = new Programs(__dirname, 20_000);
    expect(await programs.run(process.execPath, ['-e', 'console.log("blue")'])).toBe('blue\n');
    await expect(programs.run(process.execPath, ['-e', 'console.error("no"); process.exit(3)'])).rejects.toThrow(/ended with 3:\nno/);
    await expect(programs.run('/no/such/program', [])).rejects.toThrow('ENOENT');
  });
});
