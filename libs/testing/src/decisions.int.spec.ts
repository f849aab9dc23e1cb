import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '@landfall/local';
import { openApiDocument } from '@landfall/service-defaults';
import { DataSource } from 'typeorm';
import { CountingModule, migrations } from './fixtures/counting.module';
import { testApp } from './index';

const app = testApp(CountingModule, { schema: 'counting', migrations, env: { GREETING: 'hello' } });

async function more(id: string) {
  const headers = { authorization: await app.bearer('landfall.operate') };
  const { statusCode, headers: answered, body } = await app.http({ method: 'POST', url: `/counts/${id}/more`, headers });
  return { status: statusCode, type: answered['content-type'], retryAfter: answered['retry-after'], body: JSON.parse(body) as object };
}

it('answers a refused decision with its reason, and does not ask to come again', async () => {
  const id = randomUUID();
  await app.query('insert into counting.counts values ($1, 3)', [id]);
  expect(await more(id)).toMatchObject({
    ...{ status: 409, type: 'application/problem+json; charset=utf-8', retryAfter: undefined },
    body: { type: 'about:blank', title: 'Conflict', status: 409, detail: 'Three is the most', code: 'REFUSED' },
  });
});

it('tells a decision that is not due yet apart, and says when to come again', async () => {
  const id = randomUUID();
  expect(await more(id)).toMatchObject({
    ...{ status: 409, type: 'application/problem+json; charset=utf-8', retryAfter: '2' },
    body: { title: 'Conflict', status: 409, detail: `${id} has not been counted yet`, code: 'NOT_YET' },
  });
  await app.query('insert into counting.counts values ($1, 1)', [id]);
  expect(await more(id)).toMatchObject({ status: 201 });
});

it('answers 503 where Postgres gave up on a statement, and the same request is done afterwards', async () => {
  const id = randomUUID();
  await app.query('insert into counting.counts values ($1, 1)', [id]);
  const held = app
    .get(DataSource)
    .query(`do $$ begin perform 1 from counting.counts where id = '${id}' for update; perform pg_sleep(3); end $$`);
  await wait(200);
  const asked = more(id);
  const cancel = `select pg_cancel_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  await until(async () => (await app.query(cancel)).length > 0);
  expect(await asked).toMatchObject({
    ...{ status: 503, type: 'application/problem+json; charset=utf-8', retryAfter: '5' },
    body: { detail: 'This cannot be answered now. Try again in a moment.' },
  });
  await held;
  expect(await more(id)).toMatchObject({ status: 201 });
});

it('describes the endpoints that every service has', async () => {
  const document = (await openApiDocument(app.nest, 'counting')()) as { paths: Record<string, Record<string, Record<string, unknown>>> };
  const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
  expect(operations).toEqual(
    expect.arrayContaining([
      ...['get /dead-letters', 'get /dead-letters/{id}', 'post /dead-letters/{id}/retry', 'post /dead-letters/{id}/discard'],
      ...['get /jobs', 'get /jobs/{id}', 'post /jobs/{id}/retry', 'post /jobs/{id}/discard', 'get /operator-acts'],
    ]),
  );
  const retry = document.paths['/dead-letters/{id}/retry']!['post']!;
  expect(retry['parameters']).toMatchObject([
    { name: 'id', in: 'path' },
    { name: 'Idempotency-Key', in: 'header', required: true },
  ]);
  expect(Object.keys(retry['responses'] as object)).toEqual(['200', '400', '401', '403', '404', '409', '422']);
  const list = document.paths['/dead-letters']!['get']!['parameters'] as { name: string }[];
  expect(list.map(({ name }) => name)).toEqual(['state', 'consumer', 'key', 'limit', 'after']);
});
