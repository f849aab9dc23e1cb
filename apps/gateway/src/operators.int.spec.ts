import { randomUUID } from 'node:crypto';
import { purchaseUnresolved } from '@landfall/contracts';
import { openApiDocument, type PublicAdapter } from '@landfall/service-defaults';
import { aMessage, startTestApp, type TestApp } from '@landfall/testing';
import { AppModule } from './app.module';
import { migrations, schema } from './migrations';
import { configurePublicEndpoint } from './public-endpoint';
import { CLIENT, TestIdentity } from './testing/identity.fixture';

interface Letter {
  readonly id: string;
  readonly key: string;
}

let identity: TestIdentity;
let app: TestApp;
let authorization: string;
beforeAll(async () => {
  identity = await TestIdentity.start();
  const env = {
    ...{ ENTRA_AUTHORITY_URL: identity.url, PUBLISHER_TENANT_ID: identity.tenantId, PUBLISHER_CLIENT_ID: 'publisher-client' },
    ...{ SIGNIN_AUTHORITY_URL: `${identity.url}/common/v2.0`, SIGNIN_CLIENT_ID: CLIENT.id, SIGNIN_CLIENT_SECRET: CLIENT.secret },
  };
  app = await startTestApp(AppModule, { schema, migrations, env, configure: configurePublicEndpoint, hasPublicPort: true });
  authorization = await app.bearer('landfall.operate', 'operator-1');
}, 120_000);
afterAll(async () => {
  await app?.stop();
  await identity.stop();
});

const get = async <Body>(url: string) => (await app.management({ url, headers: { authorization } })).json<Body>();
const act = (url: string, idempotencyKey: string = randomUUID()) =>
  app.management({
    method: 'POST',
    url,
    headers: { authorization, 'idempotency-key': idempotencyKey },
    payload: { reason: 'a test purchase' },
  });

/** A message that breaks its contract, with another one behind it. */
async function aDeadLetter(): Promise<Letter> {
  const broken = { type: purchaseUnresolved.type, key: randomUUID(), data: { purchaseId: 'none' } };
  await app.tryDeliver(aMessage(broken), aMessage({ ...broken, data: {} }));
  return (await get<{ items: Letter[] }>(`/dead-letters?key=${broken.key}`)).items[0]!;
}

it('offers operators its dead letters on the management port: look, retry, discard, and the record of it', async () => {
  const { id, key } = await aDeadLetter();
  expect(await get(`/dead-letters/${id}`)).toMatchObject({
    ...{
      id,
      key,
      state: 'dead',
      consumer: 'gateway.landfall.fulfillment.events.v1',
      behind: 1,
      message: { type: purchaseUnresolved.type },
    },
  });
  expect((await act(`/dead-letters/${id}/retry`)).json()).toMatchObject({ after: { state: 'failing' } });
  const [first, again] = [await act(`/dead-letters/${id}/discard`, 'k-1'), await act(`/dead-letters/${id}/discard`, 'k-1')];
  expect([first.statusCode, again.body]).toEqual([200, first.body]);
  expect(await get('/operator-acts')).toMatchObject({
    items: [
      { act: 'dead-letter.discard', subject: `dead-letters/${id}`, actor: 'operator-1', reason: 'a test purchase' },
      { act: 'dead-letter.retry', subject: `dead-letters/${id}` },
    ],
  });
  expect(await get('/jobs')).toEqual({ items: [], next: null });
});

it('describes on the management port what that port has', async () => {
  const { managementPaths } = app.nest.getHttpAdapter() as unknown as PublicAdapter;
  const document = (await openApiDocument(app.nest, 'gateway', managementPaths)()) as { paths: object };
  expect(Object.keys(document.paths).sort()).toEqual([
    ...['/dead-letters', '/dead-letters/{id}', '/dead-letters/{id}/discard', '/dead-letters/{id}/retry'],
    ...['/deliveries', '/deliveries/{id}', '/deliveries/{id}/replay'],
    ...['/jobs', '/jobs/{id}', '/jobs/{id}/discard', '/jobs/{id}/retry', '/operator-acts'],
    ...['/topics/{topic}/rebuild', '/topics/{topic}/republish'],
  ]);
});

it('answers operators with problem documents, not with pages for customers', async () => {
  const none = await app.management({ url: '/dead-letters' });
  expect([none.statusCode, none.headers['content-type']]).toEqual([401, 'application/problem+json; charset=utf-8']);
  const reader = { authorization: await app.bearer('landfall.read'), 'idempotency-key': 'k' };
  const refused = await app.management({ method: 'POST', url: '/dead-letters/1/discard', headers: reader, payload: { reason: 'x' } });
  expect([refused.statusCode, refused.headers['content-type']]).toEqual([403, 'application/problem+json; charset=utf-8']);
});

it('does not know these endpoints at its public port, whoever asks and however', async () => {
  const { id } = await aDeadLetter();
  const paths = ['dead-letters', `dead-letters/${id}`, `dead-letters/${id}/retry`, `dead-letters/${id}/discard`, 'jobs', 'operator-acts'];
  const disguises = (path: string) => [
    `/${path}`,
    `/${path}/`,
    `//${path}`,
    `/webhook/../${path}`,
    `/%64${path.slice(1)}`,
    `/./${path}`,
    `/${path.toUpperCase()}`,
  ];
  for (const url of paths.flatMap(disguises)) {
    for (const method of ['GET', 'POST'] as const) {
      const headers = { authorization, 'idempotency-key': randomUUID(), host: '127.0.0.1:9101', 'content-type': 'application/json' };
      const { statusCode } = await app.http({ method, url, headers, ...(method === 'POST' && { payload: '{"reason":"x"}' }) });
      expect([method, url, statusCode]).toEqual([method, url, 404]);
    }
  }
  expect(await get(`/dead-letters/${id}`)).toMatchObject({ state: 'dead', attempts: 1 });
  for (const path of ['/landing', '/purchase/confirm', '/webhook']) expect((await app.management({ url: path })).statusCode).toBe(404);
});
