import { randomUUID } from 'node:crypto';
import { purchaseUnresolved } from '@landfall/contracts';
import { openApiDocument, type PublicAdapter } from '@landfall/service-defaults';
import { aMessage } from '@landfall/testing';
import { gatewayOfOperators } from './testing/operators.fixture';

/** Of an OpenAPI document: what is described of each method of a path. */
type Paths = Record<string, Record<string, { readonly summary?: string; readonly responses: object }>>;

interface Letter {
  readonly id: string;
  readonly key: string;
}

const { app, operator, get: answerOf, act } = gatewayOfOperators();
const get = async <Body>(url: string) => (await answerOf(url)).json<Body>();

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
  const [first, again] = [
    await act(`/dead-letters/${id}/discard`, { idempotencyKey: 'k-1' }),
    await act(`/dead-letters/${id}/discard`, { idempotencyKey: 'k-1' }),
  ];
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
  const document = (await openApiDocument(app.nest, 'gateway', managementPaths)()) as { paths: Paths };
  expect(Object.keys(document.paths).sort()).toEqual([
    ...['/dead-letters', '/dead-letters/{id}', '/dead-letters/{id}/discard', '/dead-letters/{id}/retry'],
    ...['/deliveries', '/deliveries/{id}', '/deliveries/{id}/replay'],
    ...['/jobs', '/jobs/{id}', '/jobs/{id}/discard', '/jobs/{id}/retry', '/operator-acts'],
    ...['/topics/{topic}/rebuild', '/topics/{topic}/republish'],
  ]);
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, { summary, responses }] of Object.entries(methods))
      expect([path, method, summary, Object.keys(responses)]).toEqual([
        ...[path, method, expect.stringMatching(/\w/)],
        expect.arrayContaining(['200', method === 'post' ? '409' : '401']),
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
  const paths = [
    ...['dead-letters', `dead-letters/${id}`, `dead-letters/${id}/retry`, `dead-letters/${id}/discard`, 'jobs', 'operator-acts'],
    ...['deliveries', `deliveries/${randomUUID()}`, `deliveries/${randomUUID()}/replay`],
  ];
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
      const headers = {
        authorization: await operator(),
        'idempotency-key': randomUUID(),
        host: '127.0.0.1:9101',
        'content-type': 'application/json',
      };
      const { statusCode } = await app.http({ method, url, headers, ...(method === 'POST' && { payload: '{"reason":"x"}' }) });
      expect([method, url, statusCode]).toEqual([method, url, 404]);
    }
  }
  expect(await get(`/dead-letters/${id}`)).toMatchObject({ state: 'dead', attempts: 1 });
  for (const path of ['/landing', '/purchase/confirm', '/webhook']) expect((await app.management({ url: path })).statusCode).toBe(404);
});
