import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { aCertificate } from '../fixtures/certificate';
import { aSubscription, context, failureOf, subscriptionId } from '../fixtures/client.fixture';
import { appId, clientId, clientSecret, FakeMicrosoft, json, tenantId } from '../fixtures/fake.microsoft';
import { MarketplaceClient } from '../marketplace.client';

const name = 'landfall-test';
const pem = aCertificate();
const authorities = getCACertificates();
const before = { ...process.env };
let microsoft: FakeMicrosoft;
let proxy: Awaited<ReturnType<typeof aProxy>>;
let client: MarketplaceClient;

beforeEach(async () => {
  microsoft = await FakeMicrosoft.start({ pem, name });
  microsoft.replies = [json(200, aSubscription)];
  proxy = await aProxy();
  Object.assign(process.env, { NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: proxy.url });
  setDefaultCACertificates([...authorities, pem.slice(0, pem.indexOf('-----BEGIN PRIVATE'))]);
});
afterEach(async () => {
  process.env = { ...before };
  setDefaultCACertificates(authorities);
  await client.close();
  await proxy.stop();
  await microsoft.stop();
});

/** The name resolves to nothing: only who goes through the proxy comes to Microsoft. */
function aClient(): MarketplaceClient {
  const registration = { appId, tenantId, clientId, credential: { secret: clientSecret } };
  client = new MarketplaceClient({
    apiUrl: microsoft.apiUrl,
    authorityUrl: microsoft.origin,
    ...registration,
    linkHosts: [],
    random: () => 0,
  });
  return client;
}

/** A proxy as companies run them: it opens tunnels, and sees where they lead and nothing more. */
async function aProxy() {
  const asked: { to: string | undefined; headers: string }[] = [];
  const answers = { status: 200 };
  const server = createServer((_, answer) => answer.writeHead(500).end('no tunnel was asked for'));
  server.on('connect', ({ url, headers }, socket) => {
    asked.push({ to: url, headers: JSON.stringify(headers) });
    socket.on('error', () => undefined);
    if (answers.status !== 200) return void socket.end(`HTTP/1.1 ${answers.status} No\r\n\r\n`);
    const onward = connect(microsoft.port, '127.0.0.1');
    onward.on('error', () => socket.destroy());
    socket.on('close', () => onward.destroy());
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    socket.pipe(onward).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { asked, answers, stop, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

it('go through the proxy of HTTPS_PROXY, for tokens and calls, in a tunnel that shows it no token', async () => {
  expect(await aClient().getSubscription(subscriptionId, context)).toMatchObject({ planId: 'silver' });
  expect([microsoft.tokenRequests.length, microsoft.received.length]).toEqual([1, 1]);
  expect(new Set(proxy.asked.map(({ to }) => to))).toEqual(new Set([`${name}:443`]));
  expect(JSON.stringify(proxy.asked)).not.toMatch(/token-1|authorization/i);
});

it('verify the certificate of Microsoft, and not of whoever the proxy leads to', async () => {
  setDefaultCACertificates(authorities);
  expect(await failureOf(aClient().getSubscription(subscriptionId, context))).toMatchObject({
    code: 'MARKETPLACE_UNAVAILABLE',
    message: expect.stringContaining('SELF_SIGNED'),
  });
  expect(microsoft.tokenRequests).toEqual([]);
});

it.each([403, 407, 502])('end in an outage, and send nothing, where the proxy answers %d', async (status) => {
  proxy.answers.status = status;
  expect(await failureOf(aClient().getSubscription(subscriptionId, context))).toMatchObject({
    code: 'MARKETPLACE_UNAVAILABLE',
    retriable: true,
  });
  expect(microsoft.tokenRequests).toEqual([]);
});

it.each([
  ['the host is one of NO_PROXY', { NO_PROXY: name }],
  ['NODE_USE_ENV_PROXY is not 1', { NODE_USE_ENV_PROXY: '' }],
])('do not use it where %s', async (_, env) => {
  Object.assign(process.env, env);
  await failureOf(aClient().getSubscription(subscriptionId, context)); // the name leads nowhere
  expect(proxy.asked).toEqual([]);
});

it('never lead plain http, which is for this machine alone, through a proxy', async () => {
  process.env['HTTP_PROXY'] = proxy.url;
  await microsoft.stop();
  microsoft = await FakeMicrosoft.start();
  microsoft.replies = [json(200, aSubscription)];
  expect(await aClient().getSubscription(subscriptionId, context)).toMatchObject({ planId: 'silver' });
  expect(proxy.asked).toEqual([]);
});
