import { createServer, request as requestTo, type RequestListener, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { boundedServer, type Refusal, type ServerLimits } from './bounded.server';

const limits = { headerBytes: 8_192, headersMs: 600, requestMs: 1_200, exchangeMs: 2_400, keepAliveMs: 60_000, connections: 50 };
const never = 60_000;
const servers: Server[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => void server.close(resolve).closeAllConnections())));
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const bounded = (listener: RequestListener, changes: Partial<ServerLimits> = {}) =>
  listening(boundedServer(listener, { ...limits, ...changes }));

/** Answers when the whole body is there; `/early` is answered before. */
const whenRead: RequestListener = (request, response) => {
  if (request.url === '/early') return void response.writeHead(200, { 'content-length': 2 }).end('ok');
  request.resume().on('end', () => response.writeHead(200, { 'content-length': 2 }).end('ok'));
};

/** A connection by hand: what it received, and when it was closed by the other side. */
function dialled(port: number, text = '') {
  const socket = connect({ port, host: '127.0.0.1' });
  sockets.push(socket);
  let received = '';
  socket.on('data', (chunk) => (received += chunk)).on('error', () => undefined);
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(received)));
  if (text) socket.write(text);
  return { socket, closed, received: () => received };
}

/** Goes on for as long as somebody listens: each piece alone would never look late. */
function drip(socket: Socket, piece: string): void {
  const timer = setInterval(() => socket.write(piece), 50);
  socket.on('close', () => clearInterval(timer));
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 10));
}

const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nhost: x\r\n${headers}\r\n`;
const post = (path: string) => `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n`;

describe('a bounded server ends', () => {
  it('a connection that says nothing', async () => {
    await dialled(await bounded(whenRead, { requestMs: never, exchangeMs: never })).closed;
  });

  it('headers that drip', async () => {
    const { socket, closed } = dialled(await bounded(whenRead, { requestMs: never, exchangeMs: never }), 'GET / HTTP/1.1\r\n');
    drip(socket, 'x-a: b\r\n');
    expect(await closed).toMatch(/^HTTP\/1.1 408 /);
  });

  it('a body that drips', async () => {
    const { socket, closed } = dialled(await bounded(whenRead, { exchangeMs: never }), post('/'));
    drip(socket, 'x');
    expect(await closed).toMatch(/^HTTP\/1.1 408 /);
  });

  it('a body that drips on after its answer', async () => {
    const { socket, closed } = dialled(await bounded(whenRead, { exchangeMs: never }), post('/early'));
    drip(socket, 'x');
    expect(await closed).toMatch(/^HTTP\/1.1 200 /);
  });

  it('a handler that hangs', async () => {
    await dialled(await bounded(() => undefined), get('/')).closed;
  });

  it('an answer that nobody reads', async () => {
    const port = await bounded((_request, response) => response.end(Buffer.alloc(64 * 1024 * 1024)));
    const { socket } = dialled(port, get('/'));
    socket.pause();
    const server = servers.at(-1)!;
    const open = () => new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));
    while ((await open()) === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    while ((await open()) > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  it('headers that are too long', async () => {
    const { closed } = dialled(await bounded(whenRead), get('/', `x-a: ${'b'.repeat(9_000)}\r\n`));
    expect(await closed).toMatch(/^HTTP\/1.1 431 /);
  });

  it('a connection beyond those that it bears in all, and tells of it', async () => {
    const refusals: Refusal[] = [];
    const port = await bounded(whenRead, {
      connections: 2,
      headersMs: never,
      requestMs: never,
      exchangeMs: never,
      onRefused: (reason) => refusals.push(reason),
    });
    const kept = [dialled(port), dialled(port)];
    await Promise.all(kept.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))));
    expect(await dialled(port, get('/')).closed).toBe('');
    expect(refusals).toEqual(['connections']);
    kept[0]!.socket.write(get('/'));
    await until(() => kept[0]!.received().startsWith('HTTP/1.1 200'));
  });
});

describe('of one address a bounded server', () => {
  const perAddress = { connections: 2, isShared: () => false, isExempt: ({ url }: { url?: string }) => url === '/webhook' };
  const patient = { headersMs: never, requestMs: never, exchangeMs: never };

  async function full(changes: Partial<typeof perAddress> = {}, refusals: Refusal[] = []) {
    const port = await bounded(whenRead, {
      ...patient,
      perAddress: { ...perAddress, ...changes },
      onRefused: (reason) => refusals.push(reason),
    });
    const kept = [dialled(port, get('/')), dialled(port, get('/'))];
    await until(() => kept.every(({ received }) => received().includes('200')));
    return { port, kept };
  }

  it('bears so many connections, answers the next one 429 and tells of it', async () => {
    const refusals: Refusal[] = [];
    const { port } = await full({}, refusals);
    const answer = await dialled(port, get('/')).closed;
    expect(answer).toMatch(/^HTTP\/1.1 429 /);
    expect(answer.toLowerCase()).toContain('\r\nretry-after: 30\r\n');
    expect(answer).toContain('There are too many connections from your address.');
    expect(refusals).toEqual(['address']);
  });

  it('takes an exempt request all the same, for that one request', async () => {
    const { port } = await full();
    expect(await dialled(port, get('/webhook') + get('/')).closed).toMatch(/^HTTP\/1.1 200 [^]*\r\n\r\nok$/);
  });

  it('does not wait long for one that shows nothing', async () => {
    const { port } = await full();
    expect(await dialled(port).closed).toBe('');
  });

  it('forgets a connection that has ended', async () => {
    const { port, kept } = await full();
    const gone = new Promise((resolve) => kept[0]!.socket.once('close', resolve));
    kept[0]!.socket.end();
    await gone;
    for (let status = ''; !status.startsWith('HTTP/1.1 200');) {
      const next = dialled(port, get('/', 'connection: close\r\n'));
      status = await next.closed;
    }
  });

  it('bears any number behind a reverse proxy, whose address everybody shares', async () => {
    const port = await bounded(whenRead, { ...patient, perAddress: { ...perAddress, isShared: (address) => address === '127.0.0.1' } });
    const proxy = await listening(
      createServer((request, response) => {
        const onward = requestTo({ port, host: '127.0.0.1', path: request.url, method: request.method, agent: false }, (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        });
        request.pipe(onward);
      }),
    );
    // each waits in the server for its body, so that they are all open there at the same time
    const customers = Array.from({ length: 10 }, () => dialled(proxy, 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\na'));
    const server = servers[0]!;
    const open = () => new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));
    while ((await open()) < 10) await new Promise((resolve) => setTimeout(resolve, 10));
    for (const { socket } of customers) socket.write('b');
    await until(() => customers.every(({ received }) => received().startsWith('HTTP/1.1 200')));
  });
});

it('refuses limits that would not hold', () => {
  expect(() => boundedServer(whenRead, { ...limits, headersMs: 2_000 })).toThrow('must not fall');
  expect(() => boundedServer(whenRead, { ...limits, exchangeMs: 1_000 })).toThrow('must not fall');
});
