import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { startGateway, type TestGateway } from '../testing/gateway.fixture';

let gateway: TestGateway;
const sockets: Socket[] = [];
beforeAll(async () => {
  gateway = await startGateway({ TRUSTED_PROXIES: '203.0.113.9' }); // these connections come from no proxy
});
afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));
afterAll(() => gateway.close());

/** As many as one address may have open. */
const PER_ADDRESS = 200;

function dialled(head: string) {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  let received = '';
  socket.on('data', (chunk) => (received += String(chunk))).on('error', () => undefined);
  socket.write(`${head}\r\n\r\n`);
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(received)));
  const answered = new Promise<string>((resolve) => socket.once('data', () => resolve(received)));
  return { socket, closed, answered };
}

/** A webhook whose body comes letter by letter, without end. */
function dripping(authorization?: string) {
  const lines = [
    'POST /webhook HTTP/1.1',
    'host: x',
    'content-length: 100000',
    ...(authorization ? [`authorization: ${authorization}`] : []),
  ];
  const connection = dialled(lines.join('\r\n'));
  const timer = setInterval(() => connection.socket.write('x'), 100);
  connection.socket.on('close', () => clearInterval(timer));
  return connection;
}

it.each([
  ['without a token', undefined],
  ['with a token that is none', 'Bearer junk'],
])('nobody keeps a connection to the webhook %s: it is closed with the answer, though its body drips on', async (_case, authorization) => {
  for (const answer of await Promise.all(Array.from({ length: 50 }, () => dripping(authorization).closed)))
    expect(answer).toMatch(/^HTTP\/1.1 401 [^]*\r\nconnection: close\r\n/i);
});

it('a genuine webhook whose body does not arrive is neither stored nor kept open, and is taken when it comes whole', async () => {
  const authorization = `Bearer ${await gateway.identity.webhookToken()}`;
  const answers = await Promise.all(Array.from({ length: 5 }, () => dripping(authorization).closed));
  for (const answer of answers) expect(answer).toMatch(/^(HTTP\/1.1 503 |$)/); // never 4xx
  expect(await gateway.query('select from gateway.webhook_deliveries')).toEqual([]);
  const headers = { authorization };
  const whole = { id: randomUUID(), subscriptionId: randomUUID(), action: 'Renew' };
  expect((await fetch(`${gateway.url}/webhook`, { method: 'POST', body: JSON.stringify(whole), headers })).status).toBe(200);
});

it('when an address has all its connections, Microsoft is taken from there all the same, and nobody who shows no token', async () => {
  const kept = Array.from({ length: PER_ADDRESS }, () => dialled('GET / HTTP/1.1\r\nhost: x'));
  await Promise.all(kept.map(({ answered }) => answered));

  const refused = await Promise.all(Array.from({ length: 50 }, () => dripping().closed));
  expect(new Set(refused.map((answer) => answer.slice(0, 12)))).toEqual(new Set(['HTTP/1.1 429']));

  const body = JSON.stringify({ id: randomUUID(), subscriptionId: randomUUID(), action: 'Renew' });
  const lines = ['POST /webhook HTTP/1.1', 'host: x', `authorization: Bearer ${await gateway.identity.webhookToken()}`];
  const delivery = dialled([...lines, `content-length: ${body.length}`].join('\r\n'));
  delivery.socket.write(body);
  expect(await delivery.closed).toMatch(/^HTTP\/1.1 200 /);
});
