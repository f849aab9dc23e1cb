import { request } from 'node:http';
import { Publisher } from '../testing/publisher';

let publisher: Publisher;

beforeAll(async () => {
  publisher = await Publisher.start({ publicUrl: 'http://emulator.example:9999' });
});

afterAll(() => publisher.stop());

/** What node:http sends as it is told to, a Host of any name included. */
function send(method: string, path: string, headers: Record<string, string>, body = ''): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(
      { host: '127.0.0.1', port: port(), method, path, headers: { ...headers, 'content-length': String(body.length) } },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

/** The second name is still one of loopback's, with the port. */
const port = () => new URL(`http://${publisher.emulator.linkHosts[1]}`).port;
const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const own = () => `localhost:${port()}`;
const count = async () =>
  ((await (await fetch(`http://${own()}/control/subscriptions`)).json()) as { subscriptions: unknown[] }).subscriptions.length;

it.each<[string, string, string, Record<string, string>, string]>([
  ['a form of another site', 'POST', '/control/purchases', { ...form, origin: 'https://evil.example' }, '{"planId":"gold"}='],
  ['plain text of another site', 'POST', '/control/purchases', { 'content-type': 'text/plain', origin: 'https://evil.example' }, '{}'],
  ['JSON of another site', 'POST', '/control/purchases', { ...json, origin: 'https://evil.example' }, '{}'],
  ['JSON of another port of this machine', 'POST', '/control/purchases', { ...json, origin: 'http://localhost:1' }, '{}'],
  ['an empty call of another site', 'POST', '/control/reset', { 'sec-fetch-site': 'cross-site' }, ''],
  ['a page whose origin is hidden', 'POST', '/control/reset', { origin: 'null' }, ''],
  ['a sandboxed frame', 'POST', '/control/reset', { origin: 'null', 'sec-fetch-site': 'cross-site' }, ''],
  ['a form of another site to the store', 'POST', '/store/purchases', { ...form, origin: 'https://evil.example' }, 'offerId=contoso-team'],
])('lets nothing be written by %s', async (_what, method, path, headers, body) => {
  const before = await count();
  expect(await send(method, path, { host: own(), ...headers }, body)).toBe(403);
  expect(await count()).toBe(before);
});

it.each(['/control/settings', '/control/applications', '/store'])(
  'answers no page that reaches it by a name of its own (DNS rebinding): %s',
  async (path) => {
    for (const host of ['evil.example', `evil.example:${port()}`, 'localhost', `localhost.evil.example:${port()}`])
      expect([host, await send('GET', path, { host })]).toEqual([host, 403]);
    expect(
      await send('POST', '/control/reset', {
        host: `evil.example:${port()}`,
        origin: `http://evil.example:${port()}`,
        'sec-fetch-site': 'same-origin',
      }),
    ).toBe(403);
  },
);

it('answers under each of its names, and to programs and pages of its own', async () => {
  for (const host of [own(), `127.0.0.1:${port()}`, `[::1]:${port()}`, 'emulator.example:9999', `LOCALHOST:${port()}`])
    expect([host, await send('GET', '/control/settings', { host })]).toEqual([host, 200]);
  const buy = (headers: Record<string, string>) => send('POST', '/control/purchases', { host: own(), ...json, ...headers }, '{}');
  expect([
    await buy({}),
    await buy({ origin: `http://${own()}` }),
    await buy({ origin: 'http://emulator.example:9999', 'sec-fetch-site': 'same-origin' }),
  ]).toEqual([201, 201, 201]);
  const order = 'offerId=contoso-team&planId=gold';
  const pages: Record<string, string>[] = [
    { origin: `http://${own()}`, 'sec-fetch-site': 'same-origin' },
    { origin: 'null', 'sec-fetch-site': 'same-origin' },
    {},
  ];
  for (const headers of pages) expect(await send('POST', '/store/purchases', { host: own(), ...form, ...headers }, order)).toBe(303);
});
