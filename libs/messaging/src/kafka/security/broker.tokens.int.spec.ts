import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { BrokerTokens } from './broker.tokens';

let server: Server;
let url: string;
let asked: URLSearchParams[];
let reply: () => { status: number; body: string; location?: string };
const dir = mkdtempSync(join(tmpdir(), 'broker-tokens-'));
const granted = (life: number | string = 3_600) => ({
  status: 200,
  body: JSON.stringify({ access_token: `t${asked.length}`, expires_in: life }),
});

beforeAll(async () => {
  server = createServer(async (request, response) => {
    asked.push(new URLSearchParams(await text(request)));
    const { status, body, location } = reply();
    response.writeHead(status, { 'content-type': 'application/json', ...(location && { location }) }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
});
afterAll(async () => {
  rmSync(dir, { recursive: true });
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  asked = [];
  reply = granted;
});

let nowMs = 0;
const tokens = (more: object = { KAFKA_OAUTH_CLIENT_SECRET: 'the secret' }) => {
  const values = { KAFKA_BROKERS: [], KAFKA_SSL: true, KAFKA_OAUTH_TOKEN_URL: url, KAFKA_OAUTH_CLIENT_ID: 'landfall' };
  return new BrokerTokens({ ...values, ...more }, () => nowMs);
};

it('asks once for all who wait, and again a minute before the token ends', async () => {
  const from = tokens();
  const ten = await Promise.all(Array.from({ length: 10 }, () => from.current()));
  nowMs += 3_539_000;
  expect([...ten, await from.current()]).toEqual(Array.from({ length: 11 }, () => ({ value: 't1' })));
  nowMs += 2_000;
  expect(await from.current()).toEqual({ value: 't2' });
  expect(Object.fromEntries(asked[0]!)).toEqual({ grant_type: 'client_credentials', client_id: 'landfall', client_secret: 'the secret' });
});

it('keeps one that lives for a minute for half of it, and takes its life as a text', async () => {
  reply = () => granted('60');
  const from = tokens();
  await from.current();
  nowMs += 29_000;
  expect(await from.current()).toEqual({ value: 't1' });
  nowMs += 2_000;
  expect(await from.current()).toEqual({ value: 't2' });
});

it('shows the token that the platform renews in its file, as it is then', async () => {
  const file = join(dir, 'token');
  writeFileSync(file, 'first\n');
  reply = () => granted(2);
  const from = tokens({ KAFKA_OAUTH_FEDERATED_TOKEN_FILE: file, KAFKA_OAUTH_SCOPE: 'https://events.example.com/.default' });
  await from.current();
  writeFileSync(file, 'second\n');
  nowMs += 5_000;
  await from.current();
  expect(asked.map((one) => one.get('client_assertion'))).toEqual(['first', 'second']);
  expect(asked[0]!.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
  expect([asked[0]!.get('scope'), asked[0]!.has('client_secret')]).toEqual(['https://events.example.com/.default', false]);
});

it.each<[string, () => ReturnType<typeof reply>, string]>([
  [
    'refuses',
    () => ({ status: 401, body: '{"error":"invalid_client","error_description":"the secret is wrong"}' }),
    'it answered 401 (invalid_client)',
  ],
  ['is away', () => ({ status: 503, body: '<html>the secret</html>' }), 'it answered 503'],
  ['leaves the token out', () => ({ status: 200, body: '{"expires_in":60}' }), 'its answer has no access_token and expires_in'],
  ['is no JSON', () => ({ status: 200, body: 'ok' }), 'its answer has no access_token and expires_in'],
  ['never stops', () => ({ status: 200, body: 'x'.repeat(100_000) }), 'http://127.0.0.1'],
  ['leads elsewhere', () => ({ status: 307, body: '', location: 'http://127.0.0.1:1/' }), ''],
])('says what is wrong where the address %s, shows no secret, and asks again the next time', async (_what, broken, says) => {
  const from = tokens();
  reply = broken;
  const failure = await from.current().catch((error: unknown) => error as Error);
  expect(failure).toMatchObject({ code: 'BROKER_TOKEN_REFUSED', message: expect.stringContaining(`gave no token for Kafka: ${says}`) });
  expect((failure as Error).message).not.toContain('secret');
  reply = granted;
  expect(await from.current()).toEqual({ value: 't2' });
});
