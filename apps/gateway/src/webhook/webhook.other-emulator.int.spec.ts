import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@landfall/testing';
import { startGateway, type TestGateway } from '../testing/gateway.fixture';

const page = readFileSync(join(__dirname, '../../../../docs/how-to/run-beside-another-emulator.md'), 'utf8');
const dir = mkdtempSync(join(tmpdir(), 'landfall-adapter-'));
const tenant = { PUBLISHER_TENANT_ID: randomUUID(), PUBLISHER_CLIENT_ID: randomUUID() };
let adapter: ChildProcess;
let adapterUrl: string;
let gateway: TestGateway;
/** Stands before the gateway, and can be away as a gateway that starts. */
let isAway = false;
const front = createServer(async (request, response) => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  if (isAway) return response.writeHead(503).end();
  const { authorization, 'content-type': contentType } = request.headers;
  const headers = { authorization: authorization ?? '', 'content-type': contentType ?? '' };
  const answer = await fetch(gateway.url + request.url, { method: 'POST', headers, body: Buffer.concat(pieces) });
  return response.writeHead(answer.status).end(await answer.text());
});

beforeAll(async () => {
  const port = await freePort();
  adapterUrl = `http://localhost:${port}`;
  gateway = await startGateway({ ENTRA_AUTHORITY_URL: adapterUrl, WEBHOOK_AUDIENCE: tenant.PUBLISHER_CLIENT_ID, ...tenant });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  const { port: frontPort } = front.address() as { port: number };
  writeFileSync(join(dir, 'adapter.ts'), /```ts\n([\s\S]*?)```/.exec(page)![1]!);
  const env = { PATH: process.env['PATH'], PORT: String(port), GATEWAY_URL: `http://127.0.0.1:${frontPort}`, ...tenant };
  adapter = spawn(process.execPath, [join(dir, 'adapter.ts')], { env, stdio: 'ignore' });
  await until(async () => (await fetch(`${adapterUrl}/keys`).catch(() => null))?.status === 200); // refused until it listens
});

afterAll(async () => {
  adapter?.kill('SIGKILL');
  front.close();
  await gateway?.close();
  rmSync(dir, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

const send = (url: string, body: object) =>
  fetch(`${url}/webhook`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const stored = async (operationId: string) =>
  (await gateway.query('select 1 from gateway.webhook_deliveries where operation_id = $1', [operationId])).length;
/** As Microsoft's own emulator writes it (contract 9.3). */
const payload = () => ({
  id: randomUUID(),
  activityId: randomUUID(),
  subscriptionId: randomUUID(),
  action: 'Suspend',
  operationRequestedSource: 'Azure',
  status: 'Succeeded',
});

it('an unsigned webhook of another emulator is refused by itself, and taken through the adapter, whose signature is checked as ever', async () => {
  const webhook = payload();
  expect([(await send(gateway.url, webhook)).status, await stored(webhook.id)]).toEqual([401, 0]);
  expect([(await send(adapterUrl, webhook)).status, await stored(webhook.id)]).toEqual([200, 1]);
});

it('a webhook that is sent once, while the gateway is away, arrives when it is back', async () => {
  const webhook = payload();
  isAway = true;
  expect([(await send(adapterUrl, webhook)).status, await stored(webhook.id)]).toEqual([503, 0]);
  isAway = false;
  await until(async () => (await stored(webhook.id)) === 1);
});

it('the adapter issues what a caller of the API asks for', async () => {
  const answer = await fetch(`${adapterUrl}/${tenant.PUBLISHER_TENANT_ID}/oauth2/v2.0/token`, { method: 'POST' });
  expect(await answer.json()).toMatchObject({ token_type: 'Bearer', expires_in: 3600, access_token: expect.stringMatching(/^ey/) });
});
